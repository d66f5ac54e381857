import { answerQuery, atMinute, eachMinute, minuteSeries, seriesOfAnswer } from '../../../test/support/promql-query.js';
import { PromqlCancelledError, PromqlExecutionError, PromqlTimeoutError } from './errors.js';

const COUNTING = { x: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] };

describe('a selector', () => {
  it('sees a sample for five minutes, and no sample after a stale marker', () => {
    expect(atMinute(4, 'x', { x: [7] })).toEqual({ '{__name__="x"}': 7 });
    expect(atMinute(5, 'x', { x: [7] })).toEqual({});
    expect(eachMinute(3, 'x', { x: [7, 'stale', null, 9] })).toEqual({ '{__name__="x"}': [7, null, null, 9] });
  });

  it('refers to other times with offset and @', () => {
    expect(eachMinute(3, 'x offset 1m', COUNTING)).toEqual({ '{__name__="x"}': [null, 0, 1, 2] });
    expect(eachMinute(3, 'x offset -1m', COUNTING)).toEqual({ '{__name__="x"}': [1, 2, 3, 4] });
    expect(eachMinute(3, 'x @ 120', COUNTING)).toEqual({ '{__name__="x"}': [2, 2, 2, 2] });
    expect(eachMinute(3, 'x @ end()', COUNTING)).toEqual({ '{__name__="x"}': [3, 3, 3, 3] });
    expect(eachMinute(3, 'sum_over_time(x[2m] @ 120)', COUNTING)).toEqual({ '{}': [3, 3, 3, 3] });
    expect(eachMinute(3, 'x - x @ 0', COUNTING)).toEqual({ '{}': [0, 1, 2, 3] });
  });

  it('returns its samples unchanged for a range on its own', () => {
    const answer = answerQuery('x[2m] offset 1m', minuteSeries(COUNTING), { startMs: 300_000 });
    expect(answer.resultType).toBe('matrix');
    expect(seriesOfAnswer(answer)).toEqual([
      expect.objectContaining({ timestamps: Float64Array.of(180_000, 240_000), values: Float64Array.of(3, 4) }),
    ]);
  });
});

describe('a subquery', () => {
  it('evaluates at multiples of its step, whatever the times of the query are', () => {
    const answer = answerQuery('x[3m:1m]', minuteSeries(COUNTING), { startMs: 290_000 });
    expect(seriesOfAnswer(answer)[0]!.timestamps).toEqual(Float64Array.of(120_000, 180_000, 240_000));
    expect(eachMinute(4, 'max_over_time(x[2m:30s])', COUNTING)).toEqual({ '{}': [0, 1, 2, 3, 4] });
    expect(eachMinute(4, 'sum_over_time((x * 2)[2m:] offset 1m)', COUNTING)).toEqual({ '{}': [null, 0, 2, 6, 10] });
    expect(eachMinute(4, 'count_over_time(x[2m:1m] @ 60)', COUNTING)).toEqual({ '{}': [2, 2, 2, 2, 2] });
  });

  it('tells the outer function that the name is gone', () => {
    expect(atMinute(3, 'last_over_time(x[2m:])', COUNTING)).toEqual({ '{__name__="x"}': 3 });
    expect(atMinute(3, 'last_over_time((-x)[2m:])', COUNTING)).toEqual({ '{}': -3 });
  });
});

describe('an answer', () => {
  it('lists a range in the order of labels, without series that have no value', () => {
    const data = { 'x{i="b"}': [1], 'x{i="a"}': [1], 'x{i="c"}': ['stale' as const] };
    expect(Object.keys(eachMinute(1, 'x', data))).toEqual(['{__name__="x", i="a"}', '{__name__="x", i="b"}']);
  });

  it('joins series that follow each other and lose the label by which they differ', () => {
    expect(
      eachMinute(1, '-last_over_time({job="1"}[1m])', { 'a{job="1"}': [1, null], 'b{job="1"}': [null, 2] }),
    ).toEqual({
      '{job="1"}': [-1, -2],
    });
  });
});

describe('the limits of a query', () => {
  const many = minuteSeries(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`x{i="${i}"}`, [1, 2, 3]])));

  it('are samples', () => {
    const limited = () => answerQuery('sum(x)', many, {}, { maxSamples: 100 });
    expect(limited).toThrow(PromqlExecutionError);
    expect(limited).toThrow('query processing would load too many samples into memory in query execution');
    expect(() => answerQuery('sum(x)', many, {}, { maxSamples: 1000 })).not.toThrow();
  });

  it('also apply to the results that a query computes from few samples', () => {
    const range = { kind: 'range', startMs: 0, endMs: 10_000_000, stepMs: 1000 } as const;
    expect(() => answerQuery('max_over_time(vector(1)[1h:1ms])', [], {}, { maxSamples: 100_000 })).toThrow(
      'too many samples',
    );
    expect(() => answerQuery('count_values("v", x * time())', many, range, { maxSamples: 3_000_000 })).toThrow(
      'too many samples',
    );
  });

  it.each(['absent(x)', 'hour()', 'x', 'vector(time())', 'sum(x)'])(
    'refuse more steps than memory holds: %s',
    (inner) => {
      expect(() => answerQuery(`count_over_time((${inner})[100y:1ms])`, many)).toThrow('too many samples');
    },
  );

  it('include the series of the result', () => {
    expect(() => answerQuery('x', many, {}, { maxSeries: 49 })).toThrow(
      'the result has 50 series, more than the limit of 49: select fewer series or aggregate them, such as sum by (job) (…)',
    );
    expect(() => answerQuery('sum(x)', many, {}, { maxSeries: 1 })).not.toThrow();
  });

  it('include a time limit and a client that still waits', () => {
    expect(() => answerQuery('x', many, {}, { shouldStop: () => 'timeout' })).toThrow(PromqlTimeoutError);
    expect(() => answerQuery('x', many, {}, { shouldStop: () => 'cancelled' })).toThrow(PromqlCancelledError);
  });

  it('are checked repeatedly while a query runs', () => {
    let polls = 0;
    const range = { kind: 'range', startMs: 0, endMs: 10_000_000, stepMs: 1000 } as const;
    answerQuery('quantile_over_time(0.5, x[3m])', many, range, { shouldStop: () => (polls++, null) });
    expect(polls).toBeGreaterThan(20);
  });
});
