import { Refusal } from '../catalog/refusal.js';
import { Series } from '../catalog/series/series.js';
import { CounterStarts } from './series/counter-starts.js';
import type { IncomingSample } from './incoming-sample.js';
import type { RefusedItem } from './ingest-result.js';
import { isSumOfHistogram, negativeDelta, notFinite } from './series/series-resolver.js';

/** The series or the refusal of a sample; undefined for a stale marker of a series that does not exist. */
type Found = Series | Refusal | undefined;

/** A batch after it was split into accepted and refused items, with the samples to store as columns. */
export interface SampleColumns {
  /** The series of the accepted items, in the order of the items. */
  readonly accepted: readonly Series[];
  readonly refused: readonly RefusedItem[];
  /**
   * The series of the samples to store. These are the accepted items, and a zero before each item that starts a new sequence of
   * its counter.
   */
  readonly series: readonly Series[];
  readonly values: Float64Array;
  readonly timestamps: Float64Array | null;
}

/**
 * Splits a batch into accepted and refused samples, with the accepted ones as columns for the store.
 *
 * @param newestAtOf returns the time of the newest sample of a series, or NaN if it has none
 * @param oldest the time before which samples are not kept
 */
export function columnsOf(
  samples: readonly IncomingSample[],
  found: readonly Found[],
  newestAtOf: (series: Series) => number,
  oldest: number,
): SampleColumns {
  const outcomes = withWholeHistograms(samples, found);
  const starts = new CounterStarts(newestAtOf, oldest);
  const accepted: Series[] = [];
  const refused: RefusedItem[] = [];
  const series: Series[] = [];
  const capacity = samples.length * (samples.some(({ startedAt }) => startedAt != null) ? 2 : 1);
  const values = new Float64Array(capacity);
  let timestamps: Float64Array | null = null;
  for (let index = 0; index < samples.length; index++) {
    const sample = samples[index]!;
    const outcome = outcomes[index];
    if (outcome === undefined) continue;
    if (outcome instanceof Refusal) {
      refused.push({ index, refusal: outcome });
      continue;
    }
    accepted.push(outcome);
    if (typeof sample.timestamp === 'number') timestamps ??= new Float64Array(capacity).fill(NaN);
    const startedAt = starts.startOf(outcome, sample);
    if (startedAt !== undefined) {
      // A sample with a start time also has a timestamp, so the column exists.
      timestamps![series.length] = startedAt;
      series.push(outcome);
    }
    values[series.length] = sample.value;
    if (typeof sample.timestamp === 'number') timestamps![series.length] = Math.floor(sample.timestamp);
    series.push(outcome);
  }
  return {
    accepted,
    refused,
    series,
    values: values.subarray(0, series.length),
    timestamps: timestamps?.subarray(0, series.length) ?? null,
  };
}

/**
 * Returns the outcome of each sample, which depends on its value and on the outcomes of the other parts of its histogram. The
 * outcome is undefined for a stale marker of a series that does not exist.
 */
function withWholeHistograms(samples: readonly IncomingSample[], found: readonly Found[]): Found[] {
  let refusedItems: Map<number, Refusal> | undefined;
  const checked = found.map((each, index) => {
    const { histogram } = samples[index]!;
    const outcome = each instanceof Series ? (checkValue(each, samples[index]!) ?? each) : each;
    if (histogram !== undefined && outcome instanceof Refusal) {
      refusedItems ??= new Map();
      if (!refusedItems.has(histogram.item)) refusedItems.set(histogram.item, outcome);
    }
    return outcome;
  });
  if (refusedItems === undefined) return checked;
  return checked.map((each, index) => refusedItems?.get(samples[index]!.histogram?.item ?? NaN) ?? each);
}

function checkValue(series: Series, sample: IncomingSample): Refusal | undefined {
  if (!sample.isStale && series.kind !== 'gauge' && !Number.isFinite(sample.value)) return notFinite(sample.name);
  if (sample.value >= 0 || sample.isStale || !series.canOnlyRise || isSumOfHistogram(sample)) return undefined;
  return negativeDelta(series.metric.name, sample.value);
}
