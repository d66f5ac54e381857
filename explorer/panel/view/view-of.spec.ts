import type { Line, ListedMetric, Points } from '../../api/types.js';
import type { ViewInput } from './panel-view.js';
import { viewOf } from './view-of.js';

const metric = (type: ListedMetric['type']): ListedMetric => ({
  name: 'm',
  type,
  temporality: null,
  help: null,
  unit: 'seconds',
  seriesCount: 3,
  lastPushAt: null,
});

const pointsOf = (values: readonly number[]) =>
  values.map((value, step) => ({ at: new Date(step * 60_000).toISOString(), value }));

const lineOf = (labels: Record<string, string>, values: readonly number[], more: Partial<Line> = {}): Line => ({
  labels,
  points: pointsOf(values),
  ...more,
});

const answerOf = (series: Line[], linesTotal?: number): Points => ({
  metric: 'm',
  type: 'counter',
  aggregate: 'increase',
  from: '',
  to: '',
  truncated: false,
  step: '1m',
  stepSeconds: 60,
  series,
  ...(linesTotal === undefined ? {} : { linesTotal }),
});

const input = (more: Partial<ViewInput> & Pick<ViewInput, 'answers' | 'see'>): ViewInput => ({
  metric: metric('histogram'),
  sight: 'Average',
  by: ['route'],
  isComparing: false,
  as: '',
  ...more,
});

describe('the percentiles of grouped histograms', () => {
  const view = viewOf(
    input({
      see: 'p95',
      answers: [
        answerOf(
          [
            ...(['1', '+Inf'] as const).map((le) => lineOf({ le, route: 'a' }, [10, 0])),
            lineOf({ le: '1' }, [0, 0], { others: 7 }),
            lineOf({ le: '2' }, [100, 0], { others: 7 }),
            lineOf({ le: '+Inf' }, [100, 0], { others: 7 }),
          ],
          8,
        ),
      ],
    }),
  );

  it('have one line for all others, without a colour of its own, as the last of the legend', () => {
    expect(view.rows.map(({ name, others, slot }) => [name, others, slot === null])).toEqual([
      ['a', null, false],
      ['others (7)', 7, true],
    ]);
    expect(view.rows[1]!.value).toBeCloseTo(1.95);
    expect(view.linesTotal).toBe(8);
  });

  it('count the observations of all lines, whatever bounds each has', () => {
    expect(view.big.more).toBe('110 in all');
    // As in PromQL, each bound has the observations of the histograms with this bound: 10, 100, and all 110.
    expect(view.big.value).toBe(2);
  });
});

describe('the averages of grouped histograms', () => {
  it('put lines that are large in one of the two answers only among the others', () => {
    const view = viewOf(
      input({
        see: 'average',
        answers: [
          answerOf([lineOf({ route: 'a' }, [8]), lineOf({ route: 'slow' }, [50]), lineOf({}, [2], { others: 2 })], 4),
          answerOf([lineOf({ route: 'a' }, [4]), lineOf({ route: 'many' }, [90]), lineOf({}, [10], { others: 2 })], 4),
        ],
      }),
    );
    expect(view.rows.map(({ name, value }) => [name, value])).toEqual([
      ['a', 2],
      ['others (3)', 0.52],
    ]);
    expect(view.big.value).toBeCloseTo(60 / 104);
  });
});

describe('the average of a histogram', () => {
  it('is compared with that of the previous period', () => {
    const before = (value: number) => ({ compare: pointsOf([value]) });
    const view = viewOf(
      input({
        see: 'average',
        by: [],
        isComparing: true,
        answers: [answerOf([lineOf({}, [12], before(5))]), answerOf([lineOf({}, [4], before(2))])],
      }),
    );
    expect(view.big).toMatchObject({ value: 3, before: 2.5, isComparable: true });
    expect(view.rows).toMatchObject([{ name: 'Average', value: 3, before: 2.5 }]);
    expect(view.model.lines).toMatchObject([{ values: [3], before: [2.5] }]);
  });
});

describe('the last values of gauges', () => {
  const gauge = (labels: Record<string, string>, last: (number | null)[]): Line => ({
    labels,
    points: last.map((value, step) => ({
      at: new Date(step * 60_000).toISOString(),
      values: { last: value, avg: value, count: value === null ? 0 : 1 },
    })),
  });
  const view = (...series: Line[]) =>
    viewOf(input({ metric: metric('gauge'), see: 'last', answers: [answerOf(series)] }));

  it('end where a stale marker has ended the series', () => {
    const { model } = view(gauge({ route: 'a' }, [3, null]), gauge({ route: 'b' }, [4, 4]));
    expect(model.lines.map(({ ends }) => ends)).toEqual([[{ step: 1, at: 60, value: 3 }], undefined]);
  });

  it('add nothing after their end, unless all have ended', () => {
    expect(view(gauge({ route: 'a' }, [3, null]), gauge({ route: 'b' }, [4, 4])).big.value).toBe(4);
    expect(view(gauge({ route: 'a' }, [3, null]), gauge({ route: 'b' }, [4, null])).big.value).toBe(7);
  });
});

describe('the number of samples', () => {
  it('is drawn as bars without the unit of the metric', () => {
    const view = viewOf(
      input({ metric: metric('gauge'), see: 'count', by: [], answers: [answerOf([lineOf({}, [2, 3])])] }),
    );
    expect(view.model).toMatchObject({ kind: 'bars', unit: null });
    expect(view.big).toMatchObject({ value: 5, name: 'samples' });
  });
});
