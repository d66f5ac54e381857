import { Inject, Injectable } from '@nestjs/common';
import type { Series } from '../../../catalog/series/series.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../../custom-metrics.options.js';
import { DatabaseClock } from '../../../database/database-clock.js';
import { BadDataError } from '../../../http/answers/errors.js';
import {
  type Aggregate,
  checkAggregate,
  defaultAggregate,
  isOfIncrease,
  isPercentile,
} from '../aggregates/aggregate.js';
import { type BucketValues, createBucketValues } from '../aggregates/bucket-values.js';
import { CounterGrowth } from '../aggregates/counter-growth.js';
import type { RangeQueryDto } from '../dto/range-query.dto.js';
import type { LineResponse, PointResponse } from '../dto/range-query.response.js';
import { rangeFields } from '../dto/range.response.js';
import { type Grouping, groupSeries, type SeriesGroup } from '../aggregates/groups.js';
import { jsonParts } from '../../../http/answers/json-parts.js';
import { KeptValues } from '../aggregates/kept-values.js';
import { LastValues } from '../aggregates/last-values.js';
import { ReadLimiter } from '../read-limiter.js';
import { SampleScan } from '../sample-scan.js';
import { SeriesSelection, type SelectedSeries } from '../../selection/series-selection.js';
import { startStream } from '../../../http/answers/start-stream.js';
import { formatDuration } from '../time.js';
import { RunningTotal } from '../aggregates/running-total.js';
import { bucketOf, type Grid, gridOf } from './step.js';
import { resolveRange, type TimeRange } from '../time-range.js';
import { Turns } from '../../../scheduling/turns.js';

/** Number of samples read at a time: about 20 MB while they are decoded. */
const SAMPLES_PER_READ = 500_000;

/** Maximum number of points of all groups together: an answer of some 10 MB. */
const MAX_ANSWER_POINTS = 200_000;

/** Number of samples between two checks of the clock. */
const SAMPLES_PER_TURN = 4_096;

/** The validated form of a request. */
interface Plan {
  readonly selected: SelectedSeries;
  readonly aggregate: Aggregate;
  readonly range: TimeRange;
  readonly grid: Grid;
  readonly groups: readonly SeriesGroup[];
  readonly labelsOf: Grouping['labelsOf'];
  readonly signal: AbortSignal | undefined;
}

/** Answers with points: the samples of a range are split into buckets, and each bucket becomes one number. */
@Injectable()
export class RangeQueryService {
  private readonly keptValues = new KeptValues();

  constructor(
    private readonly selection: SeriesSelection,
    private readonly scan: SampleScan,
    private readonly limiter: ReadLimiter,
    private readonly clock: DatabaseClock,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /**
   * Computes points from the samples in a range.
   *
   * @param signal ends the work when the client no longer waits for the answer
   * @returns the JSON of a RangeQueryResponse
   */
  query(request: RangeQueryDto, signal?: AbortSignal): Promise<AsyncIterable<string>> {
    return startStream(
      this.limiter.whileAdmitted(async () => {
        const plan = await this.plan(request, signal);
        return answerOf(plan, await this.pointsOf(plan));
      }),
    );
  }

  private async plan(request: RangeQueryDto, signal: AbortSignal | undefined): Promise<Plan> {
    const selected = await this.selection.select(request.metric, request.label, signal);
    const { name, type } = selected.metric;
    const aggregate = request.aggregate ?? defaultAggregate(type);
    checkAggregate(aggregate, name, type);
    const { store, history } = this.options;
    const range = resolveRange(request, { now: this.clock.now(), retentionDays: store.retentionDays });
    const grid = gridOf(range, request.step, history.maxPoints);
    const { groups, labelsOf } = await groupSeries(selected.series, request.groupBy);
    checkSize(groups.length, grid.count);
    return { selected, aggregate, range, grid, groups, labelsOf, signal };
  }

  private pointsOf(plan: Plan): Promise<Float64Array[]> {
    return plan.aggregate === 'last' ? this.lastPointsOf(plan) : this.bucketPointsOf(plan, plan.aggregate);
  }

  private async lastPointsOf(plan: Plan): Promise<Float64Array[]> {
    const { grid, groups } = plan;
    const lastValues = new LastValues(
      grid,
      groups.map(({ series }) => series),
    );
    for await (const window of this.windows(plan, true)) await lastValues.add(window);
    return groups.map((_group, index) => Float64Array.from(lastValues.pointsOf(index), (value) => value ?? NaN));
  }

  private async bucketPointsOf(plan: Plan, aggregate: Exclude<Aggregate, 'last'>): Promise<Float64Array[]> {
    const kept = this.keptValues.open();
    try {
      const isKept = isPercentile(aggregate);
      return await this.fillBuckets(plan, aggregate, (count) => isKept && kept.add(count));
    } finally {
      kept.close();
    }
  }

  /** @param onSamples called with the number of samples that come next */
  private async fillBuckets(
    plan: Plan,
    aggregate: Exclude<Aggregate, 'last'>,
    onSamples: (count: number) => void,
  ): Promise<Float64Array[]> {
    const { selected, grid, groups } = plan;
    const isIncrease = isOfIncrease(aggregate, selected.metric.type);
    const rules = { aggregate, buckets: grid.count, stepMs: grid.stepMs, isIncrease };
    const buckets = groups.map(() => createBucketValues(rules));
    const turns = new Turns();
    const bucketsOfSeries = new Map<number, BucketValues>();
    for (const [index, { series }] of groups.entries()) {
      for (const { id } of series) {
        bucketsOfSeries.set(id, buckets[index]!);
        if (turns.isUp) await turns.give();
      }
    }
    const readings = new Map<number, CounterGrowth | RunningTotal | undefined>();
    const isOfChanges = selected.metric.type === 'gauge' && selected.series.some(({ kind }) => kind === 'delta');
    const needsBefore = isOfChanges || (isIncrease && selected.series.some(({ kind }) => kind === 'cumulative'));
    for await (const { samples } of this.windows(plan, needsBefore)) {
      for (const { series, timestamps, values, before } of samples) {
        onSamples(values.length);
        const target = bucketsOfSeries.get(series.id)!;
        if (!readings.has(series.id)) readings.set(series.id, readingOf(series, before.value, isIncrease));
        const reading = readings.get(series.id);
        for (let index = 0; index < values.length; index++) {
          const at = timestamps[index]!;
          const value = values[index]!;
          // A stale marker is not a value; the growth of a counter continues after it.
          if (Number.isNaN(value)) continue;
          target.add(bucketOf(grid, at), reading === undefined ? value : reading.add(at, value));
          if (index % SAMPLES_PER_TURN === 0) await turns.give();
        }
        await turns.give();
      }
    }
    return readPoints(buckets, grid.count);
  }

  private windows({ selected: { series }, range: { from, to }, signal }: Plan, needsBefore: boolean) {
    return this.scan.windows({
      series,
      from,
      to,
      needsBefore,
      samplesPerRead: SAMPLES_PER_READ,
      isLimited: true,
      signal,
    });
  }
}

/** Returns what converts the samples of a series for an aggregate; undefined if the aggregate uses the values themselves. */
function readingOf(
  series: Series,
  before: number | undefined,
  isIncrease: boolean,
): CounterGrowth | RunningTotal | undefined {
  if (isIncrease) return new CounterGrowth(series, before);
  return series.metric.type === 'gauge' && series.kind === 'delta' ? new RunningTotal(before) : undefined;
}

/** @returns NaN where a bucket has no value: a number takes 8 bytes, and an answer is held until its client has read it */
async function readPoints(buckets: readonly BucketValues[], count: number): Promise<Float64Array[]> {
  const turns = new Turns();
  const lines: Float64Array[] = [];
  for (const values of buckets) {
    const line = new Float64Array(count);
    for (let bucket = 0; bucket < count; bucket++) {
      line[bucket] = (await values.pointOf(bucket, turns)) ?? NaN;
      await turns.give();
    }
    lines.push(line);
  }
  return lines;
}

function answerOf(plan: Plan, points: readonly Float64Array[]): AsyncIterable<string> {
  const { selected, aggregate, range, grid, groups, labelsOf } = plan;
  const starts = Array.from({ length: grid.count }, (_, bucket) =>
    new Date(grid.start + bucket * grid.stepMs).toISOString(),
  );
  return jsonParts({
    head: {
      metric: selected.metric.name,
      type: selected.metric.type,
      aggregate,
      ...rangeFields(range),
      step: formatDuration(grid.stepMs),
      stepSeconds: grid.stepMs / 1_000,
    },
    listName: 'series',
    items: groups.keys(),
    itemJson: (index) => lineJson(labelsOf(groups[index]!), starts, points[index]!),
  });
}

function lineJson(labels: Readonly<Record<string, string>>, starts: readonly string[], values: Float64Array): string {
  const points: PointResponse[] = starts.map((at, bucket) => {
    const value = values[bucket]!;
    return { at, value: Number.isNaN(value) ? null : value };
  });
  return JSON.stringify({ labels, points } satisfies LineResponse);
}

function checkSize(groups: number, points: number): void {
  if (groups * points <= MAX_ANSWER_POINTS) return;
  throw new BadDataError([
    {
      path: '/query/groupBy',
      message:
        `${groups} groups of ${points} points are more than the ${MAX_ANSWER_POINTS} points an answer can have. ` +
        'Group by fewer labels, name labels with label=name=value, or use a longer step.',
    },
  ]);
}
