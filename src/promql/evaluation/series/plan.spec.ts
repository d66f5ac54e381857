import { planFor } from '../../../../test/support/promql-query.js';
import { PromqlPlanError } from '../errors.js';

const HOUR = 3_600_000;

/** Returns the times that each selector of an instant query at 1 h reads, in seconds. */
function reads(query: string): [number, number][] {
  return planFor(query, { startMs: HOUR }).requests.map(({ startMs, endMs }) => [startMs / 1000, endMs / 1000]);
}

describe('the plan of a query', () => {
  it('reads the lookback of a selector; the left end is excluded', () => {
    expect(reads('x')).toEqual([[3300.001, 3600]]);
    expect(reads('x[10m]')).toEqual([[3000.001, 3600]]);
    expect(reads('x offset 1m')).toEqual([[3240.001, 3540]]);
    expect(reads('x offset -1m')).toEqual([[3360.001, 3660]]);
    expect(reads('x @ 100')).toEqual([[-199.999, 100]]);
    expect(reads('x[1m] @ 100 offset 10s')).toEqual([[30.001, 90]]);
  });

  it('reads the samples for each step of a subquery', () => {
    // The steps are at 2420, 2440 … 3600 s.
    expect(reads('max_over_time(x[20m:20s])')).toEqual([[2420 - 300 + 0.001, 3600]]);
    expect(reads('max_over_time(rate(x[1m])[20m:20s] offset 1h)')).toEqual([[-1180 - 60 + 0.001, 0]]);
    // An inner @ stays fixed at every step.
    expect(reads('max_over_time((x @ 100)[20m:20s])')).toEqual([[-199.999, 100]]);
  });

  it('reads from the first step of a range to the last', () => {
    const { requests, steps } = planFor('x', { kind: 'range', startMs: 0, endMs: 100_000, stepMs: 30_000 });
    expect(steps).toEqual({ startMs: 0, stepMs: 30_000, count: 4 });
    expect(requests).toEqual([expect.objectContaining({ startMs: -299_999, endMs: 90_000 })]);
  });

  it('uses start() and end() of the query also inside a subquery', () => {
    const { requests } = planFor('sum_over_time((x @ end())[10s:1s] @ start())', {
      kind: 'range',
      startMs: 0,
      endMs: 100_000,
      stepMs: 30_000,
    });
    expect(requests).toEqual([expect.objectContaining({ endMs: 100_000 })]);
  });

  it('reads equal selectors once', () => {
    const { requests, requestOf } = planFor('x{a="1"} + x{a="1"} + x{a="2"} + rate(x{a="1"}[1m])');
    expect(requests).toHaveLength(3);
    expect(requestOf.size).toBe(4);
  });

  it('separates the view from the matchers', () => {
    const { requests } = planFor('a + b{__view__="delta"} + c{__view__="raw"} + d{__view__="held"}', {
      defaultView: 'held',
    });
    expect(requests.map(({ view, matchers, endMs }) => [view, matchers.length, endMs])).toEqual([
      // One more grid step is read, because a counter has the value 0 for one grid step before its first push.
      ['held', 1, 15_000],
      ['delta', 1, 0],
      ['raw', 1, 0],
      ['held', 1, 15_000],
    ]);
  });

  it.each([
    ['x{__view__="other"}', 'invalid view: __view__="other"; write __view__="held", "raw" or "delta"'],
    ['x{__view__=~"raw"}', 'invalid view: __view__=~"raw"; write __view__="held", "raw" or "delta"'],
  ])('refuses the view in %s', (query, message) => {
    expect(() => planFor(query)).toThrow(new PromqlPlanError(message));
  });

  it('refuses ranges that it cannot evaluate', () => {
    const range = { kind: 'range', startMs: 0, endMs: 11_001_000, stepMs: 1000 } as const;
    expect(() => planFor('x', range)).toThrow(
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    );
    expect(planFor('x', { ...range, endMs: 11_000_000 }).steps.count).toBe(11_001);
    expect(() => planFor('x', { ...range, stepMs: 0 })).toThrow('zero or negative query resolution step');
    expect(() => planFor('x', { ...range, endMs: -1 })).toThrow('end timestamp must not be before start time');
    expect(() => planFor('x[5m]', { ...range, endMs: 1000 })).toThrow(
      'invalid expression type "range vector" for range query, must be Scalar or instant Vector',
    );
  });
});
