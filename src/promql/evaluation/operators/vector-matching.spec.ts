import { atMinute, eachMinute } from '../../../../test/support/promql-query.js';

const DATA = {
  'errors{job="a", code="500"}': [2, 4],
  'errors{job="a", code="404"}': [1, 1],
  'errors{job="b", code="500"}': [6, null],
  'requests{job="a", team="red"}': [10, 10],
  'requests{job="b", team="blue"}': [20, 20],
};

describe('matching of vectors', () => {
  it.each([
    ['sum by (job) (errors) / ignoring(team) requests', { '{job="a"}': 0.3, '{job="b"}': 0.3 }],
    ['sum by (job) (errors) / on(job) requests', { '{job="a"}': 0.3, '{job="b"}': 0.3 }],
    [
      'errors / on(job) group_left(team) requests',
      {
        '{code="500", job="a", team="red"}': 0.2,
        '{code="404", job="a", team="red"}': 0.1,
        '{code="500", job="b", team="blue"}': 0.3,
      },
    ],
    ['requests{job="b"} / on(job) group_right errors', { '{code="500", job="b"}': 20 / 6 }],
    ['requests{job="b"} - on(job) group_right(team) errors', { '{code="500", job="b", team="blue"}': 14 }],
    // A label of `group_left` that the other side does not have is removed.
    ['errors{job="b"} + on(job) group_left(code) requests', { '{job="b"}': 26 }],
  ])('%s', (query, expected) => {
    expect(atMinute(0, query, DATA)).toEqual(expected);
  });

  it('filters the left vector, or the only one, by a comparison, and returns 0 or 1 with bool', () => {
    expect(atMinute(0, 'errors{code="500"} > on(job) requests / 4', DATA)).toEqual({ '{job="b"}': 6 });
    expect(atMinute(0, 'requests > 15', DATA)).toEqual({ '{__name__="requests", job="b", team="blue"}': 20 });
    expect(atMinute(0, '15 < requests', DATA)).toEqual({ '{__name__="requests", job="b", team="blue"}': 20 });
    expect(atMinute(0, 'requests > bool 15', DATA)).toEqual({
      '{job="a", team="red"}': 0,
      '{job="b", team="blue"}': 1,
    });
    expect(atMinute(0, 'rate(requests[5m]) >= rate(requests[5m])', { requests: [1, 2] })).toEqual({});
    expect(atMinute(1, 'rate(requests[5m]) >= rate(requests[5m])', { requests: [60, 180] })).toEqual({
      '{}': expect.any(Number),
    });
  });

  it('is done for each step with the values at that step', () => {
    expect(eachMinute(1, 'last_over_time(errors{code="500"}[1m]) * on(job) requests', DATA)).toEqual({
      '{job="a"}': [20, 40],
      '{job="b"}': [120, null],
    });
  });

  it('finds partners that replace one another over time', () => {
    const moved = { 'x{job="a"}': [1, 2], 'y{job="a", pod="1"}': [10, null], 'y{job="a", pod="2"}': [null, 20] };
    expect(eachMinute(1, 'x + on(job) last_over_time(y[1m])', moved)).toEqual({ '{job="a"}': [11, 22] });
    expect(eachMinute(1, 'x + on(job) group_left(pod) last_over_time(y[1m])', moved)).toEqual({
      '{job="a", pod="1"}': [11, null],
      '{job="a", pod="2"}': [null, 22],
    });
  });

  it.each([
    [
      'requests / on(job) errors{job="a"}',
      'found duplicate series for the match group {job="a"} on the right hand-side of the operation: ' +
        '[{__name__="errors", code="404", job="a"}, {__name__="errors", code="500", job="a"}]' +
        ';many-to-many matching not allowed: matching labels must be unique on one side',
    ],
    ['errors{job="a"} / on(job) group_right requests', 'on the left hand-side of the operation'],
    [
      'errors / on(job) requests',
      'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)',
    ],
    [
      'errors{job="a"} / on(job) group_left(code) requests',
      'multiple matches for labels: grouping labels must ensure unique matches',
    ],
  ])('refuses %s', (query, message) => {
    expect(() => atMinute(0, query, DATA)).toThrow(message);
  });

  it('refuses series that lose the name by which they differ', () => {
    const twins = { 'a{job="1"}': [1], 'b{job="1"}': [2] };
    for (const query of ['-{job="1"}', 'sum(-{job="1"})']) {
      expect(() => atMinute(0, query, twins)).toThrow('vector cannot contain metrics with the same labelset');
    }
  });

  it('follows IEEE 754', () => {
    expect(atMinute(0, 'x / 0', { 'x{s="+"}': [1], 'x{s="-"}': [-1], 'x{s="0"}': [0] })).toEqual({
      '{s="+"}': Infinity,
      '{s="-"}': -Infinity,
      '{s="0"}': NaN,
    });
    expect(atMinute(0, '1 ^ (x / 0)', { x: [0] })).toEqual({ '{}': 1 });
    expect(atMinute(0, 'x % 3', { x: [-5] })).toEqual({ '{}': -2 });
    expect(atMinute(0, 'x atan2 1', { x: [1] })).toEqual({ '{}': Math.PI / 4 });
  });
});

describe('set operators', () => {
  const sets = { 'a{i="1"}': [1, 1], 'a{i="2"}': [2, null], 'b{i="2"}': [20, 20], 'b{i="3"}': [30, 30] };

  it.each([
    ['a and b', { '{__name__="a", i="2"}': 2 }],
    ['a unless b', { '{__name__="a", i="1"}': 1 }],
    ['a or b', { '{__name__="a", i="1"}': 1, '{__name__="a", i="2"}': 2, '{__name__="b", i="3"}': 30 }],
    ['a and on() b', { '{__name__="a", i="1"}': 1, '{__name__="a", i="2"}': 2 }],
    ['a or ignoring(i) b', { '{__name__="a", i="1"}': 1, '{__name__="a", i="2"}': 2 }],
    ['a unless on() missing', { '{__name__="a", i="1"}': 1, '{__name__="a", i="2"}': 2 }],
    ['a and missing', {}],
  ])('%s', (query, expected) => {
    expect(atMinute(0, query, sets)).toEqual(expected);
  });

  it('treat each step separately', () => {
    expect(eachMinute(1, 'last_over_time(a[1m]) or b', sets)).toEqual({
      '{__name__="a", i="1"}': [1, 1],
      '{__name__="a", i="2"}': [2, null],
      '{__name__="b", i="2"}': [null, 20],
      '{__name__="b", i="3"}': [30, 30],
    });
    expect(eachMinute(1, 'b unless last_over_time(a[1m])', sets)).toEqual({
      '{__name__="b", i="2"}': [null, 20],
      '{__name__="b", i="3"}': [30, 30],
    });
  });
});
