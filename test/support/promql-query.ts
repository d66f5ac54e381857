import { evaluate, type QueryAnswer, type ResultSeries } from '../../src/promql/evaluation/evaluate.js';
import { labelText } from '../../src/promql/evaluation/series/labels.js';
import { planQuery, type PlanOptions, type QueryPlan } from '../../src/promql/evaluation/series/plan.js';
import type { QueryLimits } from '../../src/promql/evaluation/query-budget.js';
import type {
  HeldSteps,
  SelectedSeries,
  SelectRequest,
  SeriesSource,
} from '../../src/promql/evaluation/series/series-source.js';
import { compileMatcher } from '../../src/promql/syntax/matcher/matcher.js';
import { parse } from '../../src/promql/syntax/parser/parser.js';

/** Gives a query only the samples that its plan requests, so that a plan that requests too few is noticed. */
export class MemorySource implements SeriesSource {
  constructor(
    private readonly requests: readonly SelectRequest[],
    private readonly series: readonly SelectedSeries[],
  ) {}

  seriesOf(selector: number): readonly SelectedSeries[] {
    const { matchers, startMs, endMs } = this.requests[selector]!;
    const compiled = matchers.map((matcher) => compileMatcher(matcher));
    return this.series
      .filter(({ labels }) => compiled.every(({ label, matches }) => matches(labels.get(label) ?? '')))
      .map((series) => cut(series, startMs, endMs));
  }
}

/**
 * Returns the samples that a request asks for. The held view also needs the last sample at or before the start, whose value holds
 * at the start.
 */
function cut(
  { labels, timestamps, values, stale, held }: SelectedSeries,
  startMs: number,
  endMs: number,
): SelectedSeries {
  const before = held === null ? -1 : timestamps.findLastIndex((time) => time <= startMs);
  const isAsked = (_: number, index: number) =>
    timestamps[index]! <= endMs && (timestamps[index]! >= startMs || index === before);
  return {
    labels,
    timestamps: timestamps.filter(isAsked),
    values: values.filter(isAsked),
    stale: stale?.filter(isAsked) ?? null,
    held: held === null ? null : { ...held, startsFromZero: held.startsFromZero && before <= 0 },
  };
}

export type Point = readonly [timeMs: number, value: number | 'stale'];

/** @param name a selector without a range, such as `up{job="a"}` */
export function pushedSeries(name: string, points: readonly Point[], held: HeldSteps | null = null): SelectedSeries {
  const selector = parse(name);
  if (selector.kind !== 'selector') {
    throw new Error(`${name} names no series`);
  }
  return {
    labels: new Map(selector.matchers.map(({ label, value }) => [label, value])),
    timestamps: Float64Array.from(points, ([time]) => time),
    values: Float64Array.from(points, ([, value]) => (value === 'stale' ? NaN : value)),
    stale: Uint8Array.from(points, ([, value]) => Number(value === 'stale')),
    held,
  };
}

/** Series with a sample each minute, starting at 0. `null` is a minute without a sample. */
export type MinuteSeries = Readonly<Record<string, readonly (number | 'stale' | null)[]>>;

export function minuteSeries(rows: MinuteSeries): SelectedSeries[] {
  return Object.entries(rows).map(([name, values]) => {
    const points = values.map((value, minute): [number, number | 'stale' | null] => [minute * 60_000, value]);
    return pushedSeries(
      name,
      points.filter((point): point is [number, number | 'stale'] => point[1] !== null),
    );
  });
}

const LIMITS: QueryLimits = { maxSamples: 50_000_000, maxSeries: 100_000 };

export function planFor(query: string, options: Partial<PlanOptions> = {}): QueryPlan {
  const plan = planQuery(parse(query, { hasExperimentalFunctions: true }), {
    query,
    kind: 'instant',
    startMs: 0,
    endMs: options.startMs ?? 0,
    stepMs: 0,
    lookbackMs: 300_000,
    defaultView: 'raw',
    heldGridMs: 15_000,
    nowMs: Infinity,
    summedSpanMs: Infinity,
    defaultSubqueryStepMs: 60_000,
    maxPointsPerSeries: 11_000,
    ...options,
  });
  // The plan is cloned, as it is when it is sent to a worker thread.
  return structuredClone(plan);
}

export function answerQuery(
  query: string,
  series: readonly SelectedSeries[],
  options: Partial<PlanOptions> = {},
  limits: Partial<QueryLimits> = {},
): QueryAnswer {
  const plan = planFor(query, options);
  return evaluate(plan, new MemorySource(plan.requests, series), { ...LIMITS, ...limits });
}

export function seriesOfAnswer(answer: QueryAnswer): readonly ResultSeries[] {
  if (answer.resultType !== 'vector' && answer.resultType !== 'matrix') {
    throw new Error(`the answer is a ${answer.resultType}`);
  }
  return answer.result;
}

/** Returns the value of each series at one minute, in the order of the answer. */
export function atMinute(minute: number, query: string, rows: MinuteSeries): Record<string, number> {
  const answer = answerQuery(query, minuteSeries(rows), { startMs: minute * 60_000 });
  return Object.fromEntries(seriesOfAnswer(answer).map(({ labels, values }) => [labelText(labels), values[0]!]));
}

/** Returns the values of each series at the minutes from 0 to `last`, with null for a minute without a value. */
export function eachMinute(last: number, query: string, rows: MinuteSeries): Record<string, (number | null)[]> {
  const answer = answerQuery(query, minuteSeries(rows), {
    kind: 'range',
    startMs: 0,
    endMs: last * 60_000,
    stepMs: 60_000,
  });
  return Object.fromEntries(
    seriesOfAnswer(answer).map(({ labels, timestamps, values }) => {
      const byTime = new Map([...timestamps].map((time, index) => [time, values[index]!]));
      const minutes = Array.from({ length: last + 1 }, (_, minute) => byTime.get(minute * 60_000) ?? null);
      return [labelText(labels), minutes];
    }),
  );
}
