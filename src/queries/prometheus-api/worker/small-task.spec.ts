import { planFor } from '../../../../test/support/promql-query.js';
import { sharedClockMs } from './shared-clock.js';
import type { QueryTask } from './evaluation-task.js';
import type { PortableSeries } from './portable-series.js';
import { answerSmall } from './small-task.js';

const NOW = 1_700_000_000_000;
const ATTEMPTS = 20;

function taskOf(query: string, { steps = 1, ...rest }: Partial<QueryTask> & { steps?: number } = {}): QueryTask {
  const plan = planFor(query, {
    kind: steps > 1 ? 'range' : 'instant',
    startMs: NOW,
    endMs: NOW + (steps - 1) * 1_000,
    stepMs: steps > 1 ? 1_000 : 0,
    nowMs: NOW + steps * 1_000,
    defaultView: 'raw',
  });
  return {
    kind: 'query',
    plan,
    limit: 0,
    rules: { gridMs: 15_000, gaugeTimeToLiveMs: Infinity, counterTimeToLiveMs: Infinity },
    selections: plan.requests.map(({ view }) => ({ view, readFromMs: NOW - 3_600_000 })),
    maxSamples: 1_000_000,
    maxSeries: 1_000,
    deadline: sharedClockMs() + 60_000,
    ...rest,
  };
}

function seriesWith(count: number, samples: number): PortableSeries[] {
  return Array.from({ length: count }, (_, index) => ({
    name: 'queue',
    labelsText: `n="${count - index}"`,
    kind: 'gauge',
    isGauge: true,
    isScraped: false,
    timestamps: Float64Array.from({ length: samples }, (_each, place) => NOW - samples + place),
    values: new Float64Array(samples).fill(index),
    valueBefore: undefined,
    atBefore: undefined,
    isStaleBefore: false,
  }));
}

/** Returns a list of many label names, each followed by the given text. */
function names(after = ''): string {
  return Array.from({ length: 60 }, (_, index) => `a${index}${after}`).join(',');
}

function answer(task: QueryTask, series: readonly PortableSeries[] = []): unknown {
  const given = task.selections.map((_, selector) => ({ selector, series }));
  const parts = answerSmall(task, { given });
  return parts && JSON.parse(Buffer.concat(parts).toString());
}

/** Answers a small query. On a busy machine the evaluation may wait for a processor and exceed its time, so it has several attempts. */
function answerInTime(task: QueryTask, series: readonly PortableSeries[] = []): unknown {
  for (let attempt = 1; attempt < ATTEMPTS; attempt++) {
    const answered = answer(task, series);
    if (answered !== undefined) return answered;
  }
  return answer(task, series);
}

describe('answerSmall', () => {
  it('answers in the order of labels, whatever the order of the series is', () => {
    expect(answerInTime(taskOf('queue * 2'), seriesWith(3, 1))).toMatchObject({
      status: 'success',
      data: {
        resultType: 'vector',
        result: [{ metric: { n: '1' }, value: [NOW / 1_000, '4'] }, { metric: { n: '2' } }, { metric: { n: '3' } }],
      },
    });
  });

  it('answers a query that needs no series', () => {
    expect(answerInTime(taskOf('1 + 1'))).toMatchObject({ data: { result: [NOW / 1_000, '2'] } });
  });

  it('answers a subquery with few points', () => {
    expect(answerInTime(taskOf('count_over_time(queue[10s:1s])'), seriesWith(1, 60_000))).toBeUndefined();
    expect(answerInTime(taskOf('count_over_time(queue[10s:1s])'), seriesWith(1, 5_000))).toMatchObject({
      data: { result: [{ metric: { n: '1' }, value: [NOW / 1_000, expect.stringMatching(/^[56]$/)] }] },
    });
  });

  it.each([
    ['many series', taskOf('queue'), seriesWith(201, 1)],
    ['many samples', taskOf('queue'), seriesWith(2, 3_000)],
    ['many points', taskOf('queue', { steps: 200 }), seriesWith(30, 1)],
    ['a long expression', taskOf(Array.from({ length: 60 }, () => 'queue').join(' + ')), seriesWith(1, 1)],
    ['many matchers', taskOf(`absent(queue{${names('!="x"')}})`), seriesWith(0, 0)],
    ['many matchers of a range', taskOf(`absent_over_time(queue{${names('!="x"')}}[5m])`), seriesWith(0, 0)],
    ['many names of a grouping', taskOf(`sum without (${names()}) (queue)`), seriesWith(1, 1)],
    ['many names to match on', taskOf(`queue + on (${names()}) queue`), seriesWith(1, 1)],
    ['many names to ignore', taskOf(`queue + ignoring (${names()}) queue`), seriesWith(1, 1)],
    ['a long name to copy', taskOf(`queue * on (n) group_left (${'x'.repeat(50_000)}) queue`), seriesWith(1, 1)],
    ['a long name of a result', taskOf(`count_values("${'x'.repeat(50_000)}", queue)`), seriesWith(1, 1)],
    ['many names to copy', taskOf(`queue * on (n) group_left (${names()}) queue`), seriesWith(1, 1)],
    [
      'long labels',
      taskOf('queue'),
      seriesWith(3, 1).map((each) => ({
        ...each,
        labelsText: `${each.labelsText.slice(0, -1)}${'x'.repeat(100_000)}"`,
      })),
    ],
    [
      'a regular expression that has to be run for each series',
      taskOf('label_replace(queue, "a", "$1", "n", "(.*)")'),
      seriesWith(1, 1),
    ],
    ['a subquery with many points', taskOf('max_over_time(queue[1h:1s])'), seriesWith(2, 1)],
    ['a subquery of a subquery', taskOf('max_over_time(max_over_time(queue[1m:1s])[1m:1s])'), seriesWith(1, 1)],
    ['two subqueries', taskOf('max_over_time(queue[1m:1s]) + min_over_time(queue[1m:1s])'), seriesWith(1, 1)],
    ['an error, which the worker reports', taskOf('queue + on (job) queue'), seriesWith(2, 1)],
    ['an evaluation that exceeds the time', taskOf('queue', { deadline: sharedClockMs() - 1 }), seriesWith(1, 1)],
  ])('leaves %s to a worker', (_, task, series) => {
    expect(answer(task, series)).toBeUndefined();
  });
});
