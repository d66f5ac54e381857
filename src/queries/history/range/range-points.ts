import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../../custom-metrics.options.js';
import type { Metric, Series } from '../../../catalog/series/series.js';
import { Turns } from '../../../scheduling/turns.js';
import { type Aggregate, isOfIncrease, keepsValues } from '../aggregates/aggregate.js';
import type { BucketValues } from '../aggregates/bucket-values.js';
import { type BucketAggregate, createBucketValues } from '../aggregates/create-bucket-values.js';
import { CounterGrowth } from '../aggregates/counter-growth.js';
import type { SeriesGroup } from '../aggregates/groups.js';
import { KeptValues } from '../aggregates/kept-values.js';
import { LastValues } from '../aggregates/last-values.js';
import { RunningTotal } from '../aggregates/running-total.js';
import { SampleScan, type ScanWindow } from '../sample-scan.js';
import type { TimeRange } from '../time-range.js';
import type { Grid } from './grid.js';
import { SampleBatch } from './sample-batch.js';

/** Number of samples read at a time: about 20 MB while they are decoded. */
const SAMPLES_PER_READ = 500_000;

/** The series and the range from which points are computed, and the rules for computing them. */
export interface PointsQuery {
  readonly metric: Metric;
  /** All series, in the order of their ids; each is in one group. */
  readonly series: readonly Series[];
  readonly groups: readonly SeriesGroup[];
  readonly aggregates: readonly Aggregate[];
  /** The label whose values the aggregate `distinct` counts. */
  readonly distinctLabel: string | undefined;
  readonly range: TimeRange;
  readonly grid: Grid;
  readonly signal: AbortSignal | undefined;
}

/** The points of one group: for each aggregate, one number per bucket, which is NaN if the bucket has no value. */
export type GroupPoints = readonly Float64Array[];

/** The aggregates of one group, separated into those that use the growth of counters and those that use the pushed values. */
interface Collectors {
  readonly all: readonly BucketValues[];
  readonly ofGrowth: readonly BucketValues[];
  readonly ofValues: readonly BucketValues[];
}

/** Splits the samples of groups of series into buckets, and computes all aggregates of all buckets in one scan. */
@Injectable()
export class RangePoints {
  private readonly keptValues: KeptValues;

  constructor(
    private readonly scan: SampleScan,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: Pick<CustomMetricsOptions, 'history' | 'archive'>,
  ) {
    this.keptValues = new KeptValues(options.history.maxPercentileValues);
  }

  /**
   * Computes the points of each group, in the order of the groups. They are stored as 8 bytes per number, because an answer is
   * held until its client has read it.
   *
   * @throws BadDataError when there are more samples than the limit
   */
  async compute(query: PointsQuery): Promise<GroupPoints[]> {
    const { aggregates, grid, groups } = query;
    const lastValues = aggregates.includes('last') ? lastValuesOf(grid, groups) : undefined;
    const collectors = collectorsOf(query);
    const kept = this.keptValues.open();
    try {
      const isKept = aggregates.some((aggregate) => keepsValues(aggregate));
      const bySeries = await this.collectorsBySeries(groups, collectors);
      const readings = new Map<number, Readings>();
      const batch = new SampleBatch(grid);
      for await (const window of this.windows(query)) {
        if (isKept) kept.add(window.samples.reduce((count, { values }) => count + values.length, 0));
        await collect(window, { batch, bySeries, readings });
        await lastValues?.add(window);
      }
      return await readPoints(aggregates, collectors, lastValues, grid.count);
    } finally {
      kept.close();
    }
  }

  private windows(query: PointsQuery): AsyncIterable<ScanWindow> {
    const { metric, series, aggregates, range, signal } = query;
    const { from, to } = range;
    const isOfChanges = metric.type === 'gauge' && series.some(({ kind }) => kind === 'delta');
    const isOfGrowth = aggregates.some((aggregate) => isOfIncrease(aggregate, metric.type));
    const needsBefore =
      aggregates.includes('last') || isOfChanges || (isOfGrowth && series.some(({ kind }) => kind === 'cumulative'));
    return this.scan.windows({
      series,
      from,
      to,
      needsBefore,
      edges: this.edgesOf(query),
      samplesPerRead: SAMPLES_PER_READ,
      isLimited: true,
      signal,
    });
  }

  /**
   * Returns the last millisecond before each bucket boundary, if a counter's totals at these times are all that matters, and the
   * buckets are so long that most blocks lie within one bucket. The sums of these blocks are then read instead of their samples.
   */
  private edgesOf({ metric, aggregates, grid: { edges, count } }: PointsQuery): Float64Array | undefined {
    const isOfTotals = aggregates.every((each) => each === 'last' || isOfIncrease(each, metric.type));
    if (metric.type === 'gauge' || !isOfTotals || count === 0) return undefined;
    const bucketMs = (edges[count]! - edges[0]!) / count;
    return bucketMs < this.options.archive.slowSeriesPeriodSeconds * 1_000 ? undefined : edges.map((edge) => edge - 1);
  }

  private async collectorsBySeries(
    groups: readonly SeriesGroup[],
    collectors: readonly Collectors[],
  ): Promise<Map<number, Collectors>> {
    const turns = new Turns();
    const bySeries = new Map<number, Collectors>();
    for (const [index, { series }] of groups.entries()) {
      for (const { id } of series) {
        bySeries.set(id, collectors[index]!);
        if (turns.isUp) await turns.give();
      }
    }
    return bySeries;
  }
}

function lastValuesOf(grid: Grid, groups: readonly SeriesGroup[]): LastValues {
  return new LastValues(
    grid,
    groups.map(({ series }) => series),
  );
}

function collectorsOf({ metric, groups, aggregates, distinctLabel, grid }: PointsQuery): Collectors[] {
  const ofBuckets = aggregates.filter((aggregate): aggregate is BucketAggregate => aggregate !== 'last');
  return groups.map(({ series }) => {
    const all = createBucketValues(ofBuckets, {
      buckets: grid.count,
      secondsOf: (bucket) => (grid.edges[bucket + 1]! - grid.edges[bucket]!) / 1_000,
      isCounter: metric.type !== 'gauge',
      seriesCount: series.length,
      distinctLabel,
    });
    const isOfGrowth = (index: number) => isOfIncrease(ofBuckets[index]!, metric.type);
    return {
      all,
      ofGrowth: all.filter((_, index) => isOfGrowth(index)),
      ofValues: all.filter((_, index) => !isOfGrowth(index)),
    };
  });
}

/** Converts the samples of one series, in time order, to the numbers that aggregates use. */
interface Readings {
  /** Computes the growth of a counter. */
  readonly growth: CounterGrowth;
  /** Computes the value of a gauge that receives changes; undefined if values are used as they were pushed. */
  readonly total: RunningTotal | undefined;
}

function readingsOf(series: Series, before: number | undefined): Readings {
  const isOfChanges = series.metric.type === 'gauge' && series.kind === 'delta';
  return { growth: new CounterGrowth(series, before), total: isOfChanges ? new RunningTotal(before) : undefined };
}

/** Adds the samples of a window to the buckets of their groups. */
async function collect(
  { samples }: ScanWindow,
  {
    batch,
    bySeries,
    readings,
  }: {
    readonly batch: SampleBatch;
    readonly bySeries: ReadonlyMap<number, Collectors>;
    readonly readings: Map<number, Readings>;
  },
): Promise<void> {
  const turns = new Turns();
  const room = new Float64Array(batch.values.length);
  for (const { series, timestamps, values, before } of samples) {
    const { all, ofGrowth, ofValues } = bySeries.get(series.id)!;
    if (all.length === 0) return;
    let reading = readings.get(series.id);
    if (reading === undefined) readings.set(series.id, (reading = readingsOf(series, before.value)));
    const { growth, total } = reading;
    for (const each of all) each.begin?.(series);
    for (let next = 0; next < values.length;) {
      next = batch.fill(timestamps, values, next);
      if (ofGrowth.length > 0) {
        // After a stale marker, the growth of a counter continues.
        const grown = batch.with(growth.addAll(batch, room));
        for (const each of ofGrowth) each.add(grown);
      }
      if (ofValues.length > 0) {
        const held = total === undefined ? batch : batch.with(total.addAll(batch, room));
        for (const each of ofValues) each.add(held);
      }
      if (turns.isUp) await turns.give();
    }
    if (turns.isUp) await turns.give();
  }
}

async function readPoints(
  aggregates: readonly Aggregate[],
  collectors: readonly Collectors[],
  lastValues: LastValues | undefined,
  count: number,
): Promise<GroupPoints[]> {
  const turns = new Turns();
  const points: GroupPoints[] = [];
  for (const [group, { all }] of collectors.entries()) {
    let next = 0;
    const lines: Float64Array[] = [];
    for (const aggregate of aggregates) {
      const line =
        aggregate === 'last'
          ? Float64Array.from(lastValues!.pointsOf(group), (value) => value ?? NaN)
          : await readLine(all[next++]!, count, turns);
      lines.push(line);
      await turns.give();
    }
    points.push(lines);
  }
  return points;
}

async function readLine(values: BucketValues, count: number, turns: Turns): Promise<Float64Array> {
  const line = new Float64Array(count);
  for (let bucket = 0; bucket < count; bucket++) {
    line[bucket] = (await values.pointOf(bucket, turns)) ?? NaN;
    if (turns.isUp) await turns.give();
  }
  return line;
}
