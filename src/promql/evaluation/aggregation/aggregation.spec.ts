import { answerQuery, atMinute, eachMinute, minuteSeries } from '../../../../test/support/promql-query.js';

const JOBS = {
  'x{job="a", instance="1"}': [1, 10],
  'x{job="a", instance="2"}': [3, null],
  'x{job="b", instance="1"}': [5, 50],
};

describe('aggregation', () => {
  it.each([
    ['sum by (job) (x)', { '{job="a"}': 4, '{job="b"}': 5 }],
    ['sum without (instance) (x)', { '{job="a"}': 4, '{job="b"}': 5 }],
    ['avg by (job) (x)', { '{job="a"}': 2, '{job="b"}': 5 }],
    ['count by (job) (x)', { '{job="a"}': 2, '{job="b"}': 1 }],
    ['min(x)', { '{}': 1 }],
    ['max(x)', { '{}': 5 }],
    ['group(x)', { '{}': 1 }],
    ['stdvar by (job) (x)', { '{job="a"}': 1, '{job="b"}': 0 }],
    ['stddev by (job) (x)', { '{job="a"}': 1, '{job="b"}': 0 }],
    ['quantile by (job) (0.5, x)', { '{job="a"}': 2, '{job="b"}': 5 }],
    ['count by (missing) (x)', { '{}': 3 }],
    ['sum by (__name__) (x)', { '{__name__="x"}': 9 }],
  ])('%s', (query, expected) => {
    expect(atMinute(0, query, JOBS)).toEqual(expected);
  });

  it('includes the series that have a value at each step', () => {
    expect(eachMinute(1, 'count by (job) (last_over_time(x[1m]))', JOBS)).toEqual({
      '{job="a"}': [2, 1],
      '{job="b"}': [1, 1],
    });
  });

  it('keeps the part that a plain sum loses', () => {
    expect(
      atMinute(0, 'sum(x)', { 'x{i="1"}': [1], 'x{i="2"}': [1e100], 'x{i="3"}': [1], 'x{i="4"}': [-1e100] }),
    ).toEqual({ '{}': 2 });
  });

  it('drops the name of computed values, and keeps that of selected series', () => {
    expect(atMinute(0, 'sum by (__name__) (-x)', JOBS)).toEqual({ '{}': -9 });
  });

  it('warns about invalid quantiles', () => {
    const answer = answerQuery('quantile(1.5, x)', minuteSeries(JOBS));
    expect(answer.warnings).toEqual(['PromQL warning: quantile value should be between 0 and 1, got 1.5 (1:10)']);
    expect(answer.result).toEqual([expect.objectContaining({ values: Float64Array.of(Infinity) })]);
  });
});

describe('topk, bottomk and limits', () => {
  const values = { 'x{i="1"}': [3, 1], 'x{i="2"}': [NaN, 2], 'x{i="3"}': [7, 3], 'x{i="4"}': [5, null] };

  it('rank the best first at a single step', () => {
    expect(Object.entries(atMinute(0, 'topk(2, x)', values))).toEqual([
      ['{__name__="x", i="3"}', 7],
      ['{__name__="x", i="4"}', 5],
    ]);
    expect(Object.values(atMinute(0, 'bottomk(9, x)', values))).toEqual([3, 5, 7, NaN]);
  });

  it('choose again at each step', () => {
    expect(eachMinute(1, 'topk(1, last_over_time(x[1m]))', { 'x{i="1"}': [3, 1], 'x{i="2"}': [2, 2] })).toEqual({
      '{__name__="x", i="1"}': [3, null],
      '{__name__="x", i="2"}': [null, 2],
    });
  });

  it('may choose another number at each step', () => {
    expect(eachMinute(1, 'count(topk(scalar(k), x))', { ...values, k: [1, 3] })).toEqual({ '{}': [1, 3] });
  });

  it('choose many series at many steps', () => {
    // At each of the 300 steps, the values of the 300 series are the numbers from 0 to 299 in another order.
    const rows = Object.fromEntries(
      Array.from({ length: 300 }, (_, i) => [
        `x{i="${i}"}`,
        Array.from({ length: 300 }, (__, minute) => (i * 7 + minute * 11) % 300),
      ]),
    );
    const best = eachMinute(299, 'topk(250, x)', rows);
    const sums = Array.from({ length: 300 }, (_, minute) =>
      Object.values(best).reduce((sum, values) => sum + (values[minute] ?? 0), 0),
    );
    expect(new Set(sums)).toEqual(new Set([((50 + 299) * 250) / 2]));
    expect(Object.values(best).flat().filter(Number.isFinite)).toHaveLength(250 * 300);
  });

  it.each([
    ['topk(NaN, x)', 'Parameter value is NaN'],
    ['topk(1e30, x)', 'Scalar value 1e+30 overflows int64'],
    ['limit_ratio(NaN, x)', 'Ratio value is NaN'],
  ])('refuse %s', (query, message) => {
    expect(() => atMinute(0, query, values)).toThrow(message);
  });

  it('return nothing for a parameter of 0', () => {
    expect(atMinute(0, 'topk(0, x)', values)).toEqual({});
    expect(atMinute(0, 'topk(-1e30, x)', values)).toEqual({});
    expect(atMinute(0, 'limit_ratio(0, x)', values)).toEqual({});
  });

  it('take the first series of each group, or a share that depends on their labels', () => {
    expect(Object.keys(atMinute(0, 'limitk(2, x)', values))).toEqual([
      '{__name__="x", i="1"}',
      '{__name__="x", i="2"}',
    ]);
    const share = Object.keys(atMinute(0, 'limit_ratio(0.4, x)', values));
    const rest = Object.keys(atMinute(0, 'limit_ratio(-0.6, x)', values));
    expect([...share, ...rest].toSorted()).toEqual(Object.keys(atMinute(0, 'x', values)));
    expect(answerQuery('limit_ratio(-2, x)', minuteSeries(values)).warnings).toEqual([
      'PromQL warning: ratio value should be between -1 and 1, got -2, capping to -1 (1:13)',
    ]);
  });
});

describe('count_values', () => {
  it('turns each value into a label', () => {
    const values = {
      'x{job="a", i="1"}': [1],
      'x{job="a", i="2"}': [1],
      'x{job="b", i="3"}': [1e21],
      'x{job="b", i="4"}': [-0],
    };
    expect(atMinute(0, 'count_values("v", x)', values)).toEqual({
      '{v="1"}': 2,
      '{v="1000000000000000000000"}': 1,
      '{v="-0"}': 1,
    });
    expect(atMinute(0, 'count_values without (i) ("v", x{job="a"})', values)).toEqual({ '{job="a", v="1"}': 2 });
  });

  it('counts at each step', () => {
    expect(eachMinute(2, 'count_values("v", x)', { 'x{i="1"}': [1, 2, 2], 'x{i="2"}': [1, 1, 2] })).toEqual({
      '{v="1"}': [2, 1, null],
      '{v="2"}': [null, 1, 2],
    });
  });

  it('refuses an invalid label name', () => {
    expect(() => atMinute(0, 'count_values("", x)', { x: [1] })).toThrow('invalid label name ""');
  });
});
