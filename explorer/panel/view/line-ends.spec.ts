import type { Line } from '../../api/types.js';
import { endsOf } from './line-ends.js';

const times = [0, 10, 20, 30];
const shape = (kind: 'steps' | 'lines') => ({ kind, times, ends: times.map((at) => at + 10) });

type Values = Record<string, (number | null)[]>;

/** Returns a line with the given aggregates. */
const lineOf = (values: Values): Line => ({
  labels: {},
  points: times.map((at, step) => ({
    at: new Date(at * 1000).toISOString(),
    values: Object.fromEntries(Object.entries(values).map(([name, numbers]) => [name, numbers[step] ?? null])),
  })),
});

describe('the end of a line', () => {
  it('is the start of the step with the stale marker, where the value was held until then', () => {
    const last = [5, 5, null, null];
    const line = lineOf({ last, avg: [5, null, null, null], count: [1, 0, 0, 0] });
    expect(endsOf(line, shape('steps'), last, 'avg')).toEqual([{ step: 2, at: 20, value: 5 }]);
  });

  it('is within the step of the only sample, where the marker came in the same step', () => {
    const last = [null, null, null, null];
    const line = lineOf({ last, avg: [null, 7, null, null], count: [0, 2, 0, 0] });
    expect(endsOf(line, shape('steps'), last, 'avg')).toEqual([{ step: 1, at: 15, value: 7 }]);
  });

  it('is at the last average, however long before the marker it was', () => {
    const avg = [5, null, null, null];
    const line = lineOf({ avg, last: [5, 5, 5, null], count: [3, 0, 0, 0] });
    expect(endsOf(line, shape('lines'), avg, 'avg')).toEqual([{ step: 3, at: 5, value: 5 }]);
    const together = [5, 6, null, null];
    const marked = lineOf({ avg: together, last: [5, null, null, null], count: [3, 2, 0, 0] });
    expect(endsOf(marked, shape('lines'), together, 'avg')).toEqual([{ step: 1, at: 15, value: 6 }]);
  });

  it('can come twice', () => {
    const last = [5, null, 6, null];
    const line = lineOf({ last, avg: [5, null, 6, null], count: [1, 0, 1, 0] });
    expect(endsOf(line, shape('steps'), last, 'avg').map(({ step }) => step)).toEqual([1, 3]);
  });

  it('is told by the last values of a counter alone', () => {
    const last = [null, 3, null, null];
    expect(endsOf(lineOf({ last }), shape('lines'), last)).toEqual([{ step: 2, at: 15, value: 3 }]);
  });

  it.each([
    ['values that go on', { last: [5, 5, 5, 5], avg: [5, null, null, 5], count: [1, 0, 0, 1] }],
    ['a line that begins later', { last: [null, null, 5, 5], avg: [null, null, 5, null], count: [0, 0, 1, 0] }],
    ['an infinite value', { last: [5, null, null, null], avg: [5, null, null, null], count: [1, 1, 0, 0] }],
  ])('does not exist for %s', (_name, values) => {
    expect(endsOf(lineOf(values), shape('steps'), values.last, 'avg')).toEqual([]);
  });
});
