import type { IncomingSample } from '../../ingestion/incoming-sample.js';

/**
 * Returns the end of the largest allowed batch that contains only whole histograms. Ingestion accepts or refuses the parts of a
 * histogram together only if they are in one batch. A histogram that is split could be stored without its count.
 *
 * @param samples not empty; the parts of a histogram follow each other
 * @param maxSamples the limit of one batch; a histogram with more parts is a batch of its own, which ingestion refuses
 */
export function batchEnd(samples: readonly IncomingSample[], maxSamples: number): number {
  let end = Math.min(maxSamples, samples.length);
  while (end > 0 && isInside(samples, end)) end--;
  if (end > 0) return end;
  end = 1;
  while (isInside(samples, end)) end++;
  return end;
}

/** Returns whether a position is between two parts of the same histogram. */
function isInside(samples: readonly IncomingSample[], position: number): boolean {
  const item = samples[position]?.histogram?.item;
  return item !== undefined && samples[position - 1]?.histogram?.item === item;
}
