import type { IncomingSample } from '../ingestion/incoming-sample.js';
import { coerceName, coerceNumber, coerceTimestamp, isLabelValue } from './coercion.js';

/** Items explained in one answer; explaining costs about 15 µs each. */
const MAX_EXPLAINED = 10;

/** The result of the fast check. */
export type BatchCheck =
  | { readonly samples: readonly IncomingSample[] }
  /** Where it does not fit: indexes of the first bad items, or none if the batch itself is no batch. */
  | { readonly badItems: readonly number[] };

/**
 * Says what {@link MetricBatchDto} says, some fifty times faster, and does its coercions in place. A property test holds
 * the two together. The batch of 1,000 samples that costs class-validator 15 ms is checked in a quarter of one.
 */
export function checkBatch(body: unknown): BatchCheck {
  const metrics = typeof body === 'object' && body !== null ? (body as { metrics?: unknown }).metrics : undefined;
  if (!Array.isArray(metrics)) return { badItems: [] };
  let badItems: number[] | undefined;
  for (let index = 0; index < metrics.length; index++) {
    if (accepts(metrics[index])) continue;
    badItems ??= [];
    badItems.push(index);
    if (badItems.length === MAX_EXPLAINED) break;
  }
  return badItems === undefined ? { samples: metrics as IncomingSample[] } : { badItems };
}

interface Item {
  name: unknown;
  value: unknown;
  labels?: unknown;
  type?: unknown;
  temporality?: unknown;
  help?: unknown;
  unit?: unknown;
  timestamp?: unknown;
}

function accepts(candidate: unknown): boolean {
  if (typeof candidate !== 'object' || candidate === null || Array.isArray(candidate)) return false;
  const item = candidate as Item;
  if (typeof item.name !== 'string') item.name = coerceName(item.name);
  if (typeof item.name !== 'string' || item.name === '') return false;
  if (typeof item.value !== 'number') item.value = coerceNumber(item.value);
  if (!Number.isFinite(item.value)) return false;
  return (item.labels === undefined || acceptsLabels(item.labels)) && acceptsDeclaration(item);
}

function acceptsLabels(labels: unknown): boolean {
  if (typeof labels !== 'object' || labels === null || Array.isArray(labels)) return false;
  for (const name in labels) {
    if (!isLabelValue((labels as Record<string, unknown>)[name])) return false;
  }
  return true;
}

function acceptsDeclaration(item: Item): boolean {
  const { type, temporality, help, unit } = item;
  if (type != null && type !== 'counter' && type !== 'gauge') return false;
  if (temporality != null && temporality !== 'delta' && temporality !== 'cumulative') return false;
  if (help != null && typeof help !== 'string') return false;
  if (unit != null && typeof unit !== 'string') return false;
  if (item.timestamp == null) return true;
  if (typeof item.timestamp !== 'number') item.timestamp = coerceTimestamp(item.timestamp);
  return Number.isFinite(item.timestamp);
}
