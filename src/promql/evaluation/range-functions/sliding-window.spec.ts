import fc from 'fast-check';

import { atMinute, eachMinute } from '../../../../test/support/promql-query.js';

/** The result of each function for the values of one window, computed in the simplest way. */
const PLAIN: Record<string, (values: number[]) => number> = {
  count_over_time: (values) => values.length,
  sum_over_time: (values) => values.reduce((a, b) => a + b, 0),
  avg_over_time: (values) => values.reduce((a, b) => a + b, 0) / values.length,
  max_over_time: (values) => Math.max(...values),
  min_over_time: (values) => Math.min(...values),
  first_over_time: (values) => values[0]!,
  last_over_time: (values) => values.at(-1)!,
  changes: (values) => values.filter((value, index) => index > 0 && value !== values[index - 1]).length,
  resets: (values) => values.filter((value, index) => index > 0 && value < values[index - 1]!).length,
};

const WINDOW_MINUTES = 7;

describe('windows that slide', () => {
  const values = fc.array(
    fc.option(fc.oneof(fc.integer({ min: -5, max: 5 }), fc.double({ min: -5, max: 5, noNaN: true }))),
    {
      minLength: 1,
      maxLength: 40,
    },
  );

  it.each(Object.keys(PLAIN))('give the same result as separate windows: %s', (name) => {
    fc.assert(
      fc.property(values, (samples) => {
        const answers = Object.values(eachMinute(45, `${name}(x[${WINDOW_MINUTES}m])`, { x: samples }))[0] ?? [];
        for (let minute = 0; minute <= 45; minute++) {
          const window = samples
            .slice(Math.max(0, minute - WINDOW_MINUTES + 1), minute + 1)
            .filter((value) => value !== null);
          const answer = answers[minute] ?? null;
          if (window.length === 0) {
            expect(answer).toBeNull();
          } else {
            expect(answer).toBeCloseTo(PLAIN[name]!(window), 9);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('use NaN as an extreme only where there is no other value', () => {
    const samples = [NaN, 3, NaN, NaN, 1];
    expect(eachMinute(4, 'max_over_time(x[2m])', { x: samples })).toEqual({ '{}': [NaN, 3, 3, NaN, 1] });
    expect(eachMinute(4, 'min_over_time(x[2m])', { x: samples })).toEqual({ '{}': [NaN, 3, 3, NaN, 1] });
    expect(eachMinute(4, 'changes(x[3m])', { x: samples })).toEqual({ '{}': [0, 1, 2, 1, 1] });
  });

  it('give +0 as the sum and the mean of negative zeros, because a division would show the sign', () => {
    for (const samples of [[-0], [-0, -0], [-0, 1, -1]]) {
      for (const name of ['sum_over_time', 'avg_over_time']) {
        const last = samples.length - 1;
        const [answers] = Object.values(eachMinute(last, `1 / ${name}(x[5m])`, { x: samples }));
        expect(answers![last]).toBe(Infinity);
      }
    }
  });

  it('add exactly the values that a running sum would lose', () => {
    expect(eachMinute(3, 'sum_over_time(x[2m])', { x: [1e17, 1, 2, 3] })).toEqual({ '{}': [1e17, 1e17 + 1, 3, 5] });
    expect(eachMinute(3, 'sum_over_time(x[2m])', { x: [1e300, 0.1, 0.2, 0.3] })).toEqual({
      '{}': [1e300, 1e300, expect.closeTo(0.3, 15), 0.5],
    });
  });
});

describe('functions of the values in a window', () => {
  const data = { x: [4, 1, 3, 2] };

  it.each([
    ['stddev_over_time(x[5m])', Math.sqrt(1.25)],
    ['stdvar_over_time(x[5m])', 1.25],
    ['quantile_over_time(0.5, x[5m])', 2.5],
    ['mad_over_time(x[5m])', 1],
    ['present_over_time(x[5m])', 1],
    ['ts_of_first_over_time(x[5m])', 0],
    ['ts_of_last_over_time(x[5m])', 180],
    ['ts_of_max_over_time(x[5m])', 0],
    ['ts_of_min_over_time(x[5m])', 60],
    ['deriv(x[5m])', -0.4 / 60],
    ['predict_linear(x[5m], 60)', 1.5],
    ['double_exponential_smoothing(x[5m], 0.5, 0.5)', 0.375],
  ])('%s', (query, expected) => {
    expect(atMinute(3, query, data)).toEqual({ '{}': expect.closeTo(expected, 9) });
  });
});
