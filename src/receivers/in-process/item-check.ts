import { Refusal } from '../../catalog/refusal.js';
import type { IncomingSample } from '../../ingestion/incoming-sample.js';
import type { InstrumentLabels } from './instrument-labels.js';
import type { PushedItem } from './pushed-items.js';

/**
 * Returns the item as a sample, or the reason for refusing it. This function checks only the shape of the item, which a caller in
 * plain JavaScript can get wrong. Ingestion checks everything else.
 */
export function sampleOf(item: PushedItem): IncomingSample | Refusal {
  const { name, value, type, temporality, help, unit } = item;
  if (typeof name !== 'string' || name === '') return invalid('name', 'a string that is not empty');
  if (typeof value !== 'number') return invalid('value', 'a number');
  if (type != null && type !== 'counter' && type !== 'gauge') return invalid('type', 'counter or gauge');
  if (temporality != null && temporality !== 'delta' && temporality !== 'cumulative') {
    return invalid('temporality', 'delta or cumulative');
  }
  if (help != null && typeof help !== 'string') return invalid('help', 'a text');
  if (unit != null && typeof unit !== 'string') return invalid('unit', 'a text');
  const timestamp = item.timestamp instanceof Date ? item.timestamp.getTime() : item.timestamp;
  if (timestamp != null && !Number.isFinite(timestamp)) return invalid('timestamp', 'a time');
  const labels = labelsOf(item.labels);
  if (labels === undefined) return invalid('labels', 'an object whose values are strings, numbers or booleans');
  return { name, value, labels, type, temporality, help, unit, timestamp };
}

function labelsOf(given: unknown): IncomingSample['labels'] {
  if (given == null) return {};
  if (typeof given !== 'object' || Array.isArray(given)) return undefined;
  const entries = Object.entries(given as InstrumentLabels).filter(
    (entry): entry is [string, string | number | boolean] => entry[1] != null,
  );
  return entries.every(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    ? Object.fromEntries(entries)
    : undefined;
}

function invalid(property: keyof PushedItem, expected: string): Refusal {
  return new Refusal('item_invalid', `The property ${property} of a pushed item must be ${expected}.`);
}
