import type { IncomingLabelValue, IncomingSample } from '../../ingestion/incoming-sample.js';
import { coerceName, coerceNumber, coerceTimestamp, isLabelValue } from './coercion.js';

/** Maximum number of items that one answer explains. Each explanation takes about 15 µs. */
const MAX_EXPLAINED = 10;

/** The result of the fast check. */
export type BatchCheck =
  | { readonly samples: readonly IncomingSample[] }
  /** The indexes of the first items that do not fit the schema. The list is empty if the body is not a batch at all. */
  | { readonly badItems: readonly number[] };

/**
 * Checks a batch against the rules of {@link MetricBatchDto} and coerces its values, about fifty times faster than
 * class-validator. A batch of 1,000 samples takes 0.25 ms instead of 15 ms. A property test ensures that the two agree.
 *
 * Only the properties that the DTO has are copied into samples, so that an item can't set internal properties of a sample.
 */
export function checkBatch(body: unknown): BatchCheck {
  const metrics = typeof body === 'object' && body !== null ? (body as { metrics?: unknown }).metrics : undefined;
  if (!Array.isArray(metrics)) return { badItems: [] };
  const samples: IncomingSample[] = [];
  let badItems: number[] | undefined;
  for (let index = 0; index < metrics.length; index++) {
    const sample = sampleOf(metrics[index]);
    if (sample !== undefined) {
      if (badItems === undefined) samples.push(sample);
      continue;
    }
    badItems ??= [];
    badItems.push(index);
    if (badItems.length === MAX_EXPLAINED) break;
  }
  return badItems === undefined ? { samples } : { badItems };
}

/** An item of the body before it is checked. */
interface WireItem {
  readonly name?: unknown;
  readonly value?: unknown;
  readonly labels?: unknown;
  readonly type?: unknown;
  readonly temporality?: unknown;
  readonly help?: unknown;
  readonly unit?: unknown;
  readonly timestamp?: unknown;
}

/** @returns undefined if the item does not fit the schema */
function sampleOf(candidate: unknown): IncomingSample | undefined {
  if (typeof candidate !== 'object' || candidate === null || Array.isArray(candidate)) return undefined;
  const { name, value, labels, type, temporality, help, unit, timestamp } = candidate as WireItem;
  const text = typeof name === 'string' ? name : coerceName(name);
  if (typeof text !== 'string' || text === '') return undefined;
  const number = typeof value === 'number' ? value : value === null ? NaN : coerceNumber(value);
  // JSON writes null for NaN. Such an item fits the schema, and ingestion refuses only this item.
  if (typeof number !== 'number' || (value !== null && !Number.isFinite(number))) return undefined;
  if (labels !== undefined && !areLabels(labels)) return undefined;
  if (type != null && type !== 'counter' && type !== 'gauge') return undefined;
  if (temporality != null && temporality !== 'delta' && temporality !== 'cumulative') return undefined;
  if (help != null && typeof help !== 'string') return undefined;
  if (unit != null && typeof unit !== 'string') return undefined;
  const time = timestamp == null || typeof timestamp === 'number' ? timestamp : coerceTimestamp(timestamp);
  if (time != null && (typeof time !== 'number' || !Number.isFinite(time))) return undefined;
  return { name: text, value: number, labels, type, temporality, help, unit, timestamp: time };
}

function areLabels(labels: unknown): labels is Readonly<Record<string, IncomingLabelValue>> {
  if (typeof labels !== 'object' || labels === null || Array.isArray(labels)) return false;
  for (const name in labels) {
    if (!isLabelValue((labels as Record<string, unknown>)[name])) return false;
  }
  return true;
}
