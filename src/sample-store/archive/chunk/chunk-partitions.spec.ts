import fc from 'fast-check';
import { mergedPartitionMs, missingPartitions, parsePartitionName, partitionName } from './chunk-partitions.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('missingPartitions', () => {
  it('covers every time by exactly one partition, whatever lengths were used before', () => {
    const step = fc.record({
      length: fc.constantFrom(HOUR, 2 * HOUR, 6 * HOUR, DAY),
      times: fc.array(fc.integer({ min: 0, max: 3 * DAY }), { maxLength: 5 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 6 }), (steps) => {
        const spans: { from: number; to: number }[] = [];
        for (const { length, times } of steps) {
          const missing = missingPartitions('sample_chunk_fresh', spans, times, length);
          spans.push(...missing);
          for (const { from, to } of missing) expect(to - from).toBeLessThanOrEqual(length);
          for (const time of times) expect(spans.filter(({ from, to }) => from <= time && time < to).length).toBe(1);
        }
        for (const one of spans) {
          expect(spans.filter((other) => other.from < one.to && one.from < other.to)).toEqual([one]);
        }
      }),
    );
  });

  it('puts the range of a partition into its name', () => {
    const span = { from: Date.parse('2026-11-24T18:00:00Z'), to: Date.parse('2026-11-25T00:00:00Z') };
    const name = partitionName('sample_chunk_fresh', span);
    expect(name).toBe('sample_chunk_fresh_20261124t180000_20261125t000000');
    expect(parsePartitionName(name)).toEqual({ name, ...span });
    expect(parsePartitionName('sample_chunk_fresh')).toBeUndefined();
  });

  it('keeps the number of partitions bounded over years', () => {
    expect(mergedPartitionMs(1)).toBe(DAY);
    expect(mergedPartitionMs(90)).toBe(DAY);
    expect(mergedPartitionMs(3_650)).toBe(37 * DAY);
  });
});
