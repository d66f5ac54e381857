import type { Series } from '../../catalog/series/series.js';
import { CounterStarts } from './counter-starts.js';
import type { IncomingSample } from '../incoming-sample.js';

const SERIES = { kind: 'cumulative' } as Series;

function startOf(newest: number, sample: Partial<IncomingSample>, series = SERIES): number | undefined {
  const starts = new CounterStarts(() => newest, 1_000);
  return starts.startOf(series, { name: 'a', value: 8, ...sample });
}

describe('CounterStarts', () => {
  it.each([
    ['a start after the last sample', 5_000, { startedAt: 6_000, timestamp: 7_000 }, 6_000],
    ['a start at the last sample', 5_000, { startedAt: 5_000, timestamp: 7_000 }, undefined],
    ['a start before the last sample', 5_000, { startedAt: 4_000, timestamp: 7_000 }, undefined],
    ['an unknown start', 5_000, { timestamp: 7_000 }, undefined],
    ['a start at the sample itself', 5_000, { startedAt: 7_000, timestamp: 7_000 }, undefined],
    ['a start after the sample', 5_000, { startedAt: 8_000, timestamp: 7_000 }, undefined],
    ['a start before the retention', 100, { startedAt: 500, timestamp: 7_000 }, undefined],
    ['a sample without a time', 5_000, { startedAt: 6_000 }, undefined],
    ['a stale marker', 5_000, { startedAt: 6_000, timestamp: 7_000, value: NaN, isStale: true }, undefined],
    ['the first sample of a series', NaN, { startedAt: 6_000, timestamp: 7_000 }, undefined],
  ])('%s', (_, newest, sample, expected) => {
    expect(startOf(newest, sample)).toBe(expected);
  });

  it('only considers running totals', () => {
    const sample = { startedAt: 6_000, timestamp: 7_000 };
    expect(startOf(5_000, sample, { kind: 'delta' } as Series)).toBeUndefined();
    expect(startOf(5_000, sample, { kind: 'gauge' } as Series)).toBeUndefined();
  });

  it('starts a sequence only once in a batch', () => {
    const starts = new CounterStarts(() => 5_000, 1_000);
    const at = (startedAt: number, timestamp: number) => starts.startOf(SERIES, { startedAt, timestamp });
    expect([at(6_000, 7_000), at(6_000, 8_000), at(7_500, 9_000), at(8_500, 10_000), at(9_500, 11_000)]).toEqual([
      6_000,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(at(11_500, 12_000)).toBe(11_500);
  });
});
