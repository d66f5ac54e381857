import type { TextLimits } from '../../ingestion/text-lengths.js';
import { readLabels } from './instrument-labels.js';
import type { HistogramOptions } from './instruments.js';
import type { DropReason, InstrumentDefinition } from './pending-values.js';

/** The default buckets of prom-client and of Prometheus' other clients, in seconds. */
const DEFAULT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Checks the definition of a metric, and copies its options, so that the caller can't change them later. The lengths of help and
 * unit are not checked here, but when values are stored.
 *
 * @param name may be anything, because callers may be plain JavaScript
 * @returns the definition, or the reason why all values of the metric are dropped
 */
export function readDefinition(
  kind: InstrumentDefinition['kind'],
  name: unknown,
  options: HistogramOptions | undefined,
  limits: TextLimits,
): InstrumentDefinition | DropReason {
  if (typeof name !== 'string' || name === '' || name.length > limits.metricNameMaxLength) return 'invalid_name';
  try {
    const { help, unit, labels, buckets } = options ?? {};
    if (!isOptionalText(help) || !isOptionalText(unit)) return 'invalid_name';
    const ownLabels = readLabels([labels], limits);
    if (ownLabels === undefined) return 'invalid_labels';
    const bounds = kind === 'histogram' ? boundsOf(buckets, limits.histogramMaxBuckets) : [];
    if (bounds === undefined) return 'invalid_buckets';
    return { kind, name, help: help ?? undefined, unit: unit ?? undefined, labels: ownLabels, bounds };
  } catch {
    // A getter has thrown.
    return 'invalid_labels';
  }
}

function boundsOf(buckets: unknown, maxBuckets: number): number[] | undefined {
  if (buckets === undefined || buckets === null) return DEFAULT_BUCKETS;
  if (!Array.isArray(buckets) || buckets.length > maxBuckets) return undefined;
  const finite = buckets.filter((bound): bound is number => Number.isFinite(bound));
  return [...new Set(finite)].toSorted((a, b) => a - b);
}

function isOptionalText(text: unknown): boolean {
  return text === undefined || text === null || typeof text === 'string';
}
