import fc from 'fast-check';
import type { IncomingSample } from '../../ingestion/incoming-sample.js';
import { batchEnd } from './batch-end.js';

/** Returns the samples of histograms with these numbers of parts; 0 stands for a sample that belongs to no histogram. */
function samplesOf(parts: readonly number[]): IncomingSample[] {
  return parts.flatMap((count, item) =>
    count === 0
      ? [{ name: 'single', value: 1 }]
      : Array.from({ length: count }, () => ({ name: 'part', value: 1, histogram: { name: 'whole', item } })),
  );
}

describe('batchEnd', () => {
  it('takes everything that fits', () => {
    expect(batchEnd(samplesOf([0, 3, 0]), 5)).toBe(5);
    expect(batchEnd(samplesOf([0, 3, 0]), 500)).toBe(5);
  });

  it('leaves a histogram that does not fit to the next batch', () => {
    expect(batchEnd(samplesOf([0, 3, 4]), 5)).toBe(4);
  });

  it('takes a histogram that is larger than a batch alone, because it would never fit', () => {
    expect(batchEnd(samplesOf([7, 0]), 5)).toBe(7);
  });

  it('cuts any samples into batches that keep the limit and hold whole histograms', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(6)), fc.integer({ min: 6, max: 20 }), (parts, maxSamples) => {
        let rest: readonly IncomingSample[] = samplesOf(parts);
        const seen = new Set<number>();
        while (rest.length > 0) {
          const end = batchEnd(rest, maxSamples);
          expect(end).toBeGreaterThan(0);
          expect(end).toBeLessThanOrEqual(maxSamples);
          const items = new Set(rest.slice(0, end).flatMap(({ histogram }) => histogram?.item ?? []));
          for (const item of items) expect(seen.has(item)).toBe(false);
          for (const item of items) seen.add(item);
          rest = rest.slice(end);
        }
      }),
    );
  });
});
