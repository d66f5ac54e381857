import { answerQuery, atMinute, eachMinute, minuteSeries } from '../../../../test/support/promql-query.js';

function valueOf(query: string, values: readonly number[] = [], minute = 0): number | undefined {
  return atMinute(minute, query, { x: values })['{}'];
}

describe('functions of each sample', () => {
  it.each([
    ['round(x)', -1.5, -1],
    ['round(x, 0.1)', 0.25, 0.3],
    ['clamp(x, 0, 10)', 11, 10],
    ['clamp_min(x, 3)', 1, 3],
    ['clamp_max(x, 3)', 5, 3],
    ['clamp_max(x, -Inf)', NaN, -Infinity],
    ['sgn(x)', -3, -1],
    ['ln(x)', 0, -Infinity],
    ['log2(x)', 8, 3],
    ['deg(x)', Math.PI, 180],
    ['day_of_week(x)', Date.UTC(2024, 1, 29) / 1000, 4],
    ['day_of_month(x)', Date.UTC(2024, 1, 29) / 1000, 29],
    ['day_of_year(x)', Date.UTC(2024, 11, 31) / 1000, 366],
    ['days_in_month(x)', Date.UTC(2024, 1, 1) / 1000, 29],
    ['month(x)', Date.UTC(2024, 1, 1) / 1000, 2],
    ['year(x)', Date.UTC(1969, 11, 31) / 1000, 1969],
    ['hour(x)', 3600 * 5 + 60 * 7, 5],
    ['minute(x)', 3600 * 5 + 60 * 7, 7],
  ])('%s of %d', (query, value, expected) => {
    expect(valueOf(query, [value])).toBeCloseTo(expected, 9);
  });

  it('have no value for bounds in the wrong order', () => {
    expect(valueOf('clamp(x, 1, 0)', [1])).toBeUndefined();
  });

  it('accept numbers that change from step to step', () => {
    expect(eachMinute(2, 'clamp_max(x, scalar(limit))', { x: [5, 5, 5], limit: [4, 9, 1] })).toEqual({
      '{}': [4, 5, 1],
    });
  });
});

describe('times and constants', () => {
  it('are numbers of the query', () => {
    const range = { kind: 'range', startMs: 60_000, endMs: 130_000, stepMs: 60_000 } as const;
    const [time] = answerQuery('time() + 0 * (end() + start() + step())', [], range).result as never[];
    expect(time).toEqual(expect.objectContaining({ values: Float64Array.of(60, 120) }));
    const [sum] = answerQuery('start() + end() + range() + step()', [], range).result as never[];
    expect(sum).toEqual(expect.objectContaining({ values: Float64Array.of(320, 320) }));
    expect(answerQuery('max_of(1, 2) + min_of(3, 4) + pi() * 0', []).result).toEqual({ timestampMs: 0, value: 5 });
    expect(answerQuery('"text"', [])).toMatchObject({ resultType: 'string', result: { value: 'text' } });
    expect(answerQuery('hour()', [], { startMs: 7_200_000 }).result).toMatchObject([{ values: Float64Array.of(2) }]);
  });

  it('return the time of a sample', () => {
    expect(valueOf('timestamp(x)', [1], 3)).toBe(0);
    expect(valueOf('timestamp(x + 0)', [1], 3)).toBe(180);
    expect(eachMinute(2, 'timestamp(x @ 0)', { x: [1, 2, 3] })).toEqual({ '{}': [0, 0, 0] });
    expect(eachMinute(2, 'timestamp(x @ 0 + 0)', { x: [1, 2, 3] })).toEqual({
      '{}': [0, 60, 120],
    });
  });

  it('turn a single series into a number', () => {
    expect(answerQuery('scalar(x)', minuteSeries({ x: [7] })).result).toMatchObject({ value: 7 });
    expect(answerQuery('scalar(x)', minuteSeries({ 'x{i="1"}': [7], 'x{i="2"}': [7] })).result).toMatchObject({
      value: NaN,
    });
    expect(answerQuery('scalar(x)', []).result).toMatchObject({ value: NaN });
  });
});

describe('absent', () => {
  it('returns 1 with the labels that a selector requires', () => {
    const absent = (query: string) => atMinute(9, query, { 'x{job="a"}': [1] });
    expect(absent('absent(x{job="a"} offset 9m)')).toEqual({});
    expect(absent('absent(x{job="a", i!="1", zone="z"})')).toEqual({ '{job="a", zone="z"}': 1 });
    expect(absent('absent(x{job="a", job="b"})')).toEqual({ '{}': 1 });
    expect(absent('absent(sum(x))')).toEqual({ '{}': 1 });
    expect(absent('absent(x{job="a", __view__="raw"})')).toEqual({ '{job="a"}': 1 });
    expect(absent('absent_over_time(x{job="a"}[5m])')).toEqual({ '{job="a"}': 1 });
    expect(absent('absent_over_time(x{job="a"}[10m])')).toEqual({});
  });

  it('returns a value for the steps without any of the series', () => {
    const data = { 'x{i="1"}': [1, null, null, null], 'x{i="2"}': [null, null, 1, null] };
    expect(eachMinute(3, 'absent_over_time(x[1m])', data)).toEqual({ '{}': [null, 1, null, 1] });
  });
});

describe('sorting', () => {
  const data = { 'x{i="10"}': [2], 'x{i="9"}': [NaN], 'x{i="1"}': [3] };
  const order = (query: string) => Object.keys(atMinute(0, query, data)).map((key) => /"(\d+)"/.exec(key)![1]);

  it('is by value, with NaN last, or by labels, with numbers compared by size', () => {
    expect(order('sort(x)')).toEqual(['10', '1', '9']);
    expect(order('sort_desc(x)')).toEqual(['1', '10', '9']);
    expect(order('sort_by_label(x, "i")')).toEqual(['1', '9', '10']);
    expect(order('sort_by_label_desc(x, "i")')).toEqual(['10', '9', '1']);
  });

  it('has no effect on a range, and warns', () => {
    const range = { kind: 'range', startMs: 0, endMs: 60_000, stepMs: 60_000 } as const;
    expect(answerQuery('sort(x)', minuteSeries(data), range).warnings).toEqual([
      'PromQL warning: sort is ineffective for range queries since results are always ordered by labels (1:1)',
    ]);
  });
});

describe('labels of a result', () => {
  const data = { 'x{src="one-two", i="1"}': [1] };
  const replaced = (...texts: string[]) =>
    Object.keys(atMinute(0, `label_replace(x, ${texts.map((text) => JSON.stringify(text)).join(', ')})`, data))[0];

  it('are replaced only if the regular expression matches the whole value', () => {
    expect(replaced('dst', '$2/$1', 'src', '(.*)-(.*)')).toBe('{__name__="x", dst="two/one", i="1", src="one-two"}');
    expect(replaced('dst', '${1}x$$', 'src', '(.*)-.*')).toBe('{__name__="x", dst="onex$", i="1", src="one-two"}');
    // `$1x` refers to the group named `1x`.
    expect(replaced('dst', '$1x', 'src', '(.*)')).toBe('{__name__="x", i="1", src="one-two"}');
    expect(replaced('dst', '$first', 'src', '(?P<first>[a-z]+)-.*')).toBe(
      '{__name__="x", dst="one", i="1", src="one-two"}',
    );
    expect(replaced('dst', 'value', 'src', 'one')).toBe('{__name__="x", i="1", src="one-two"}');
    expect(replaced('i', '', 'i', '.*')).toBe('{__name__="x", src="one-two"}');
    expect(replaced('dst', '[$1]', 'missing', '(.*)')).toBe('{__name__="x", dst="[]", i="1", src="one-two"}');
  });

  it('are joined from others', () => {
    expect(atMinute(0, 'label_join(x, "dst", ",", "src", "missing", "i")', data)).toEqual({
      '{__name__="x", dst="one-two,,1", i="1", src="one-two"}': 1,
    });
  });

  it('include a name that the query sets', () => {
    expect(atMinute(0, 'label_replace(-x, "__name__", "y", "", "")', data)).toEqual({
      '{__name__="y", i="1", src="one-two"}': -1,
    });
  });

  it('may not become the same as those of another series', () => {
    const two = { 'x{i="1"}': [1], 'x{i="2"}': [1] };
    expect(() => atMinute(0, 'label_replace(x, "i", "", "", "")', two)).toThrow('same labelset');
  });

  it('are refused if they are invalid', () => {
    expect(() => replaced('dst', 'x', 'src', '(.*')).toThrow('invalid regular expression in label_replace(): (.*');
    expect(() => replaced('', 'x', 'src', '.*')).toThrow('invalid destination label name in label_replace(): ');
    expect(() => atMinute(0, 'label_join(x, "dst", ",", "")', data)).toThrow(
      'invalid source label name in label_join(): ',
    );
  });
});

describe('histograms', () => {
  const data = {
    'x_bucket{i="1", le="1"}': [10, 0],
    'x_bucket{i="1", le="2"}': [20, 10],
    'x_bucket{i="1", le="+Inf"}': [20, 10],
    'x_bucket{i="2", le="1"}': [7, 7],
    'x_bucket{i="2", le="+Inf"}': [8, 8],
  };

  it('give quantiles and fractions, step by step', () => {
    expect(eachMinute(1, 'histogram_quantile(0.75, x_bucket)', data)).toEqual({
      '{i="1"}': [1.5, 1.75],
      '{i="2"}': [expect.closeTo(6 / 7, 9), expect.closeTo(6 / 7, 9)],
    });
    expect(atMinute(0, 'histogram_fraction(0, 1, x_bucket)', data)).toEqual({ '{i="1"}': 0.5, '{i="2"}': 7 / 8 });
    expect(atMinute(0, 'histogram_quantiles(x_bucket{i="1"}, "q", 0, 0.75)', data)).toEqual({
      '{i="1", q="0.0"}': 0,
      '{i="1", q="0.75"}': 1.5,
    });
  });

  it('warn about a series that is not a bucket, and leave it out', () => {
    const answer = answerQuery('histogram_quantile(0.5, x)', minuteSeries({ 'x{le="a"}': [1], x: [1] }));
    expect(answer.result).toEqual([]);
    expect(answer.warnings).toEqual([
      'PromQL warning: bucket label "le" is missing or has a malformed value of "a" for metric name "x" (1:25)',
      'PromQL warning: bucket label "le" is missing or has a malformed value of "" for metric name "x" (1:25)',
    ]);
  });

  it('of the native kind do not exist here', () => {
    expect(atMinute(0, 'histogram_count(x_bucket)', data)).toEqual({});
  });
});
