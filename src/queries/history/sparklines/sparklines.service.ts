import { HttpException, Inject, Injectable } from '@nestjs/common';
import { bucketBoundOf } from '../../../catalog/metric/histogram-family.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../../custom-metrics.options.js';
import { DatabaseClock } from '../../../database/database-clock.js';
import { BadDataError, RetryLaterError } from '../../../http/answers/errors.js';
import { jsonParts } from '../../../http/answers/json-parts.js';
import { startStream } from '../../../http/answers/start-stream.js';
import { bucketQuantile } from '../../../promql/evaluation/functions/classic-histogram.js';
import { type SelectedSeries, SeriesSelection } from '../../selection/series-selection.js';
import type { Aggregate } from '../aggregates/aggregate.js';
import { groupSeries } from '../aggregates/groups.js';
import type { Grid } from '../range/grid.js';
import { type GroupPoints, RangePoints } from '../range/range-points.js';
import { rangeFields } from '../range-fields.js';
import { ReadLimiter } from '../read-limiter.js';
import { periodBefore, resolveRange } from '../time-range.js';
import { type ComparedSpan, comparedSpan } from './compared-span.js';
import type { SparklinesDto } from './sparklines.dto.js';
import type { SparklineResponse, SparklinesResponse } from './sparklines.response.js';

/**
 * Number of places in the read limiter that a request for sparklines takes. It takes several, because it reads up to 24 metrics.
 */
export const SPARKLINES_PLACES = 4;

const DEFAULT_POINTS = 48;

/** Maximum number of different bounds of a histogram's buckets. All of them are sorted for each point. */
const MAX_BOUNDS = 200;

/** Answers with a short array of numbers for each of several metrics, for lists that show many of them. */
@Injectable()
export class SparklinesService {
  constructor(
    private readonly selection: SeriesSelection,
    private readonly points: RangePoints,
    private readonly limiter: ReadLimiter,
    private readonly clock: DatabaseClock,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /**
   * Computes sparklines, one metric after the other. A metric that has none gets the reason instead.
   *
   * @param signal ends the work when the client no longer waits for the answer
   * @returns the JSON of a SparklinesResponse
   */
  compute(request: SparklinesDto, signal?: AbortSignal): Promise<AsyncIterable<string>> {
    return startStream(this.limiter.whileAdmitted(() => this.answer(request, signal), SPARKLINES_PLACES));
  }

  private async answer(request: SparklinesDto, signal: AbortSignal | undefined): Promise<AsyncIterable<string>> {
    const rules = { now: this.clock.now(), retentionDays: this.options.store.retentionDays, place: 'body' as const };
    const range = resolveRange(request, rules);
    const before = periodBefore(range, rules);
    const span = comparedSpan(range, before, request.points ?? DEFAULT_POINTS);
    const sparklines: SparklineResponse[] = [];
    for (const metric of request.metrics) sparklines.push(await this.sparklineOrError(metric, span, signal));
    const head: Omit<SparklinesResponse, 'sparklines'> = {
      ...rangeFields(range),
      compare: rangeFields(before),
      stepSeconds: (range.to - range.from) / span.points / 1_000,
    };
    return jsonParts({ head, listName: 'sparklines', items: sparklines, itemJson: (each) => JSON.stringify(each) });
  }

  private async sparklineOrError(
    name: string,
    span: ComparedSpan,
    signal: AbortSignal | undefined,
  ): Promise<SparklineResponse> {
    try {
      return await this.sparkline(name, span, signal);
    } catch (error) {
      // A problem with one metric must not prevent the sparklines of the other metrics.
      if (!(error instanceof HttpException) || error instanceof RetryLaterError) throw error;
      const message = error instanceof BadDataError ? error.details[0]!.message : error.message;
      return { metric: name, error: message };
    }
  }

  private async sparkline(
    name: string,
    span: ComparedSpan,
    signal: AbortSignal | undefined,
  ): Promise<SparklineResponse> {
    const selected = await this.selection.selectObserved(name, [], signal);
    const { metric, series } = selected;
    const compute = (aggregates: readonly Aggregate[], groups = [{ series }]): Promise<GroupPoints[]> =>
      this.pointsOf(selected, aggregates, groups, span, signal);
    const head = { metric: metric.name, type: metric.type };
    if (metric.type === 'counter') {
      const [[increases] = []] = await compute(['increase']);
      return {
        ...head,
        measure: 'increase',
        ...halves(increases!, span, (values) => values.reduce((a, b) => a + b, 0)),
      };
    }
    if (metric.type === 'gauge') {
      const [[averages, lasts] = []] = await compute(['avg', 'last']);
      const held = averages!.map((average, index) => (Number.isNaN(average) ? lasts![index]! : average));
      const { now, before } = halves(lasts!, span, (values) => values.at(-1) ?? NaN);
      return { ...head, measure: 'avg', ...halves(held, span, () => NaN), now, before };
    }
    const { groups, labelsOf } = await groupSeries(series, ['le'], this.options.history.maxGroups);
    if (groups.length > MAX_BOUNDS) throw tooManyBounds(name);
    const bounds = groups.map((group) => bucketBoundOf(labelsOf(group).le ?? ''));
    const counts = (await compute(['increase'], [...groups])).map(([increases]) => increases!);
    const percentileOf = (countOf: (line: Float64Array) => number) => {
      const buckets = bounds.map((upperBound, index) => ({ upperBound, count: countOf(counts[index]!) }));
      const known = buckets.filter(({ upperBound }) => !Number.isNaN(upperBound));
      return known.length === 0 ? NaN : bucketQuantile(0.95, known).value;
    };
    const line = Float64Array.from({ length: span.grid.count }, (_, bucket) => percentileOf((each) => each[bucket]!));
    const wholeOf = (from: number, to: number) =>
      percentileOf((each) => each.subarray(from, to).reduce((a, b) => a + b, 0));
    return {
      ...head,
      measure: 'p95',
      ...halves(line, span, () => NaN),
      now: numberOrNull(wholeOf(span.firstNow, span.grid.count)),
      before: numberOrNull(wholeOf(0, span.firstNow)),
    };
  }

  private pointsOf(
    { metric, series }: SelectedSeries,
    aggregates: readonly Aggregate[],
    groups: readonly { readonly series: SelectedSeries['series'] }[],
    { range, grid }: { readonly range: ComparedSpan['range']; readonly grid: Grid },
    signal: AbortSignal | undefined,
  ): Promise<GroupPoints[]> {
    return this.points.compute({ metric, series, groups, aggregates, distinctLabel: undefined, range, grid, signal });
  }
}

/** Splits points into those of the range and those of the period before, and combines each part into one number. */
function halves(
  line: Float64Array,
  { firstNow }: ComparedSpan,
  combine: (values: Float64Array) => number,
): Required<Pick<SparklineResponse, 'values' | 'now' | 'before'>> {
  const now = line.subarray(firstNow);
  return {
    values: Array.from(now, numberOrNull),
    now: numberOrNull(combine(now)),
    before: firstNow === 0 ? null : numberOrNull(combine(line.subarray(0, firstNow))),
  };
}

function numberOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function tooManyBounds(name: string): BadDataError {
  return new BadDataError([
    {
      path: '/body/metrics',
      message: `${name} has buckets with more than ${MAX_BOUNDS} different bounds, the limit of a sparkline. Query its buckets instead.`,
    },
  ]);
}
