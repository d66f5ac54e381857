import type { PortableSeries } from './portable-series.js';
import { packSeries, unpackSeries } from './packed-series.js';
import { selectedSeriesOf } from './view-columns.js';

const RULES = { gridMs: 15_000, gaugeTimeToLiveMs: 86_400_000, counterTimeToLiveMs: Infinity };

function seriesOf(
  kind: PortableSeries['kind'],
  samples: readonly (readonly [at: number, value: number])[],
  rest: Partial<PortableSeries> = {},
): PortableSeries {
  return {
    name: 'x',
    labelsText: 'a="1",b="\\"2\\""',
    kind,
    isGauge: kind === 'gauge',
    isScraped: false,
    timestamps: Float64Array.from(samples, ([at]) => at),
    values: Float64Array.from(samples, ([, value]) => value),
    valueBefore: undefined,
    atBefore: undefined,
    isStaleBefore: false,
    ...rest,
  };
}

function pointsOf(series: PortableSeries, view: 'held' | 'raw' | 'delta'): [number, number, number?][] {
  const selected = selectedSeriesOf(series, { view, readFromMs: 100 }, RULES);
  // In a worker, the view is computed in the arrays of the samples.
  const [unpacked] = unpackSeries(packSeries([series]));
  expect(selectedSeriesOf(unpacked!, { view, readFromMs: 100 }, RULES)).toEqual(selected);
  const { timestamps, values, stale } = selected;
  return [...timestamps].map((at, index) =>
    stale === null ? [at, values[index]!] : [at, values[index]!, stale[index]],
  );
}

describe('selectedSeriesOf', () => {
  it('has the name among the labels', () => {
    const { labels } = selectedSeriesOf(seriesOf('gauge', []), { view: 'raw', readFromMs: 0 }, RULES);
    expect([...labels]).toEqual([
      ['__name__', 'x'],
      ['a', '1'],
      ['b', '"2"'],
    ]);
  });

  it('adds the deltas of a counter to its earlier total in the held and the raw view', () => {
    const counter = seriesOf(
      'delta',
      [
        [100, 1],
        [200, 2],
      ],
      { valueBefore: 10 },
    );
    expect(pointsOf(counter, 'held')).toEqual([
      [99, 10],
      [100, 11],
      [200, 13],
    ]);
    expect(pointsOf(counter, 'raw')).toEqual([
      [100, 11],
      [200, 13],
    ]);
    expect(pointsOf(counter, 'delta')).toEqual([
      [100, 1],
      [200, 2],
    ]);
  });

  it('adds up without rounding errors', () => {
    const tenths = seriesOf(
      'delta',
      Array.from({ length: 10 }, (_, index) => [100 + index, 0.1] as const),
    );
    expect(pointsOf(tenths, 'raw').at(-1)).toEqual([109, 1]);
  });

  it('shows pushes of the same time as one, but keeps their deltas separate in the delta view', () => {
    const counter = seriesOf('delta', [
      [100, 1],
      [100, 2],
    ]);
    expect(pointsOf(counter, 'raw')).toEqual([[100, 3]]);
    expect(pointsOf(counter, 'delta')).toEqual([
      [100, 1],
      [100, 2],
    ]);
    const gauge = seriesOf('gauge', [
      [100, 1],
      [100, 2],
    ]);
    expect(pointsOf(gauge, 'delta')).toEqual([[100, 2]]);
  });

  it('begins with the earlier value of a gauge, at its own time', () => {
    const gauge = seriesOf('gauge', [[100, 1]], { valueBefore: 5, atBefore: 42 });
    expect(pointsOf(gauge, 'held')).toEqual([
      [42, 5],
      [100, 1],
    ]);
    expect(pointsOf(gauge, 'raw')).toEqual([[100, 1]]);
  });

  it('treats NaN as a stale marker', () => {
    const gauge = seriesOf('gauge', [
      [100, 1],
      [200, NaN],
      [300, 3],
    ]);
    expect(pointsOf(gauge, 'held')).toEqual([
      [100, 1, 0],
      [200, NaN, 1],
      [300, 3, 0],
    ]);
    const counter = seriesOf('delta', [
      [100, 1],
      [200, NaN],
      [300, 3],
    ]);
    expect(pointsOf(counter, 'raw')).toEqual([
      [100, 1, 0],
      [200, NaN, 1],
      [300, 4, 0],
    ]);
  });

  it('hides a total after a stale marker until its next sample', () => {
    const counter = seriesOf('delta', [[200, 1]], { valueBefore: 10, isStaleBefore: true });
    expect(pointsOf(counter, 'held')).toEqual([[200, 11]]);
  });

  it.each([
    ['a counter at its first push', seriesOf('delta', [[100, 1]]), true],
    ['a counter after its first push', seriesOf('delta', [[100, 1]], { valueBefore: 1 }), false],
    ['a total, which may have begun elsewhere', seriesOf('cumulative', [[100, 1]]), false],
    ['a gauge', seriesOf('gauge', [[100, 1]]), false],
    ['a gauge that receives changes', seriesOf('delta', [[100, 1]], { isGauge: true }), false],
  ])('decides whether %s starts from zero: %#', (_, series, expected) => {
    const { held } = selectedSeriesOf(series, { view: 'held', readFromMs: 100 }, RULES);
    expect(held?.startsFromZero).toBe(expected);
  });

  it('holds gauges and counters for the configured time', () => {
    const holdingOf = (series: PortableSeries) =>
      selectedSeriesOf(series, { view: 'held', readFromMs: 100 }, RULES).held?.timeToLiveMs;
    expect(holdingOf(seriesOf('gauge', [[100, 1]]))).toBe(86_400_000);
    expect(holdingOf(seriesOf('cumulative', [[100, 1]]))).toBe(Infinity);
  });
});
