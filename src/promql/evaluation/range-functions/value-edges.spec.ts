import { planFor } from '../../../../test/support/promql-query.js';
import type { PlanOptions } from '../series/plan.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Returns the edges in the read requests of a query, by default from day 10 to day 12, in milliseconds. */
function edgesOf(query: string, options: Partial<PlanOptions> = {}): (number[] | null)[] {
  const { requests } = planFor(query, {
    kind: 'range',
    startMs: 10 * DAY,
    endMs: 12 * DAY,
    stepMs: DAY,
    defaultView: 'held',
    summedSpanMs: 6 * HOUR,
    ...options,
  });
  return requests.map(({ edges }) => edges && [...edges]);
}

describe('times at which values matter', () => {
  it('are the first and the last point of the grid in each window of rate and increase', () => {
    const edges = [9, 10, 11, 12].flatMap((day) => [day * DAY, day * DAY + 15_000]).slice(1, -1);
    expect(edgesOf('increase(x[1d])')).toEqual([edges]);
    expect(edgesOf('sum by (a) (rate((x)[1d:])) + sum(rate(x[1d]))').at(-1)).toEqual(edges);
    const late = edges.map((edge) => edge - 5 * MINUTE);
    expect(edgesOf('rate((x[1d] offset 5m))')).toEqual([late]);
    expect(edgesOf('rate(x[1d] offset 299s)')).toEqual([late.map((edge, at) => (at % 2 === 0 ? edge : edge + 0))]);
  });

  it('are the steps of an instant selector', () => {
    expect(edgesOf('x')).toEqual([[10 * DAY, 11 * DAY, 12 * DAY]]);
    expect(edgesOf('sum(x offset 1ms)')).toEqual([[10 * DAY - 1, 11 * DAY - 1, 12 * DAY - 1]]);
  });

  it('are those of one window where @ pins it, and of each step of a subquery', () => {
    expect(edgesOf('increase(x[1d] @ end())')).toEqual([[11 * DAY + 15_000, 12 * DAY]]);
    expect(edgesOf('max_over_time(x[2d:1d])', { startMs: 12 * DAY })).toEqual([[11 * DAY, 12 * DAY]]);
  });

  it('end at the current time', () => {
    expect(edgesOf('x', { nowMs: 11 * DAY + 20_000 })).toEqual([[10 * DAY, 11 * DAY, 11 * DAY + 15_000]]);
  });

  it.each([
    'avg_over_time(x[1d])',
    'irate(x[1d])',
    'delta(x[1d])',
    'x{__view__="raw"}',
    'increase(x{__view__="delta"}[1d])',
    'rate(x[1d]) + max_over_time(x[1d])',
  ])('are not requested where every sample matters: %s', (query) => {
    expect(edgesOf(query)).toEqual([null]);
  });

  it('combine the edges of all selectors that share a request', () => {
    expect(edgesOf('rate(x[1d]) + increase(x[1d])')).toEqual(edgesOf('rate(x[1d])'));
  });

  it('are not requested where hardly any sum lies between two of them', () => {
    expect(edgesOf('rate(x[6h])', { stepMs: HOUR })).toEqual([null]);
    expect(edgesOf('rate(x[1d])', { summedSpanMs: Infinity })).toEqual([null]);
    expect(edgesOf('rate(x[1d])', { summedSpanMs: DAY })).toEqual([null]);
    expect(edgesOf('increase(x[5m])', { kind: 'instant', endMs: 10 * DAY })).toEqual([null]);
    // There are too many steps to be listed.
    expect(edgesOf('max_over_time(x[100d:1ms])')).toEqual([null]);
    expect(edgesOf('increase(x[9d])', { stepMs: HOUR, startMs: 11 * DAY })[0]).toHaveLength(50);
  });
});
