import { Inject, Injectable } from '@nestjs/common';
import type { Series } from '../../../catalog/series/series.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../../custom-metrics.options.js';
import { DatabaseClock } from '../../../database/database-clock.js';
import { FUTURE_TOLERANCE_MS } from '../../../database/future-tolerance.js';
import { LiveValues } from '../../../live-values/live-values.js';
import type { View } from '../../../promql/evaluation/series/series-source.js';
import { TooManySamplesError } from '../../../sample-store/reading/read-samples.js';
import { SampleReader } from '../../../sample-store/reading/sample-reader.js';
import { sortedInTurns } from '../../../sample-store/reading/sorted-in-turns.js';
import { Turns } from '../../../scheduling/turns.js';
import { ActiveSeries } from '../../selection/active-series.js';
import { sampleTimes } from '../../selection/sample-times.js';
import { PrometheusError } from '../answers/prometheus.error.js';
import { type HoldingRules, holdingRulesOf, timeToLiveMsOf } from '../holding-rules.js';

/**
 * Maximum number of series whose last sample before a range in the past is read. It is read only to leave out series that a stale
 * marker ended before the range, which are few, while a range may concern every series.
 */
const MAX_READ_BEFORE = 2_000;

/** A time range in milliseconds since the epoch. Both ends are inclusive, as in Prometheus, and can be infinite. */
export interface ListedRange {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * Finds the series that a query of a range would show in a view. In the views `raw` and `delta` these are the series with samples
 * in the range. In the view `held` a value holds after its push, so a sample before the range counts as long as its value holds.
 */
@Injectable()
export class VisibleSeries {
  private readonly rules: HoldingRules;

  constructor(
    private readonly active: ActiveSeries,
    private readonly reader: SampleReader,
    private readonly liveValues: LiveValues,
    private readonly clock: DatabaseClock,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {
    this.rules = holdingRulesOf(options.promql);
  }

  /**
   * Returns the candidates that are visible in a range.
   *
   * @throws PrometheusError if too many samples would have to be read to find them, or the reason of the signal if it is aborted
   */
  async find(
    candidates: readonly Series[],
    view: View,
    range: ListedRange,
    signal: AbortSignal,
  ): Promise<ReadonlySet<Series>> {
    const visible = new Set<Series>();
    const held: Series[] = [];
    const toCheck = { gauges: [] as Series[], counters: [] as Series[], scraped: [] as Series[] };
    const turns = new Turns();
    for (const series of candidates) {
      const isHeld = view === 'held' && !series.isScraped;
      if (isHeld && this.holdsFromBefore(series, range)) {
        if (series.kind === 'delta' || this.liveValues.newestAtOf(series) <= range.endMs) visible.add(series);
        else held.push(series);
      } else if (!isHeld || !this.endedBefore(series, range)) {
        toCheck[series.isScraped ? 'scraped' : series.metric.type === 'gauge' ? 'gauges' : 'counters'].push(series);
      }
      if (turns.isUp) await turns.give();
    }
    const { maxSamples } = this.options.promql;
    try {
      for (const each of await this.stillHeld(held, range, { maxSamples, signal })) visible.add(each);
      for (const series of Object.values(toCheck)) {
        if (series.length === 0) continue;
        const samples = this.samplesThatShow(series[0]!, view, range);
        for (const each of await this.active.find(series, samples, { maxSamples, signal })) visible.add(each);
      }
    } catch (error) {
      if (error instanceof TooManySamplesError) throw tooManySamples(maxSamples);
      throw error;
    }
    return visible;
  }

  /**
   * Returns whether a series has a value at the end of the range, because it got one earlier and its values hold until the next
   * push. A stale marker may have ended that value before the range if another push came after the range. Without this check,
   * counters would have to be read for every range in the past.
   */
  private holdsFromBefore(series: Series, { endMs }: ListedRange): boolean {
    if (this.timeToLiveMs(series) !== Infinity || !this.liveValues.has(series)) return false;
    // The first sample arrived when the series was created, with a time that is at most FUTURE_TOLERANCE_MS ahead.
    return series.createdAt.getTime() + FUTURE_TOLERANCE_MS < endMs;
  }

  /**
   * Returns those of the series with a value that was not ended before the range, or with samples in it. A series of deltas is not among
   * the given ones: queries compute its value before a range from sums, in which there are no stale markers.
   */
  private async stillHeld(
    series: readonly Series[],
    range: ListedRange,
    limits: { readonly maxSamples: number; readonly signal: AbortSignal },
  ): Promise<readonly Series[]> {
    if (series.length === 0 || series.length > MAX_READ_BEFORE) return series;
    const sorted = await sortedInTurns(series, (a, b) => a.id - b.id);
    const { from, to } = this.samplesThatShow(sorted[0]!, 'raw', range);
    const read = await this.reader.read({ series: sorted, from, to: from, needsBefore: true, ...limits });
    const ended = read.flatMap((each) => (each.before.value === undefined ? [each.series] : []));
    const active = await this.active.find(ended, { from, to }, limits);
    const hidden = new Set(ended.filter((each) => !active.has(each)));
    return sorted.filter((each) => !hidden.has(each));
  }

  /** Returns whether a stale marker has ended a series before the range. */
  private endedBefore(series: Series, { startMs }: ListedRange): boolean {
    return !this.liveValues.has(series) && this.liveValues.newestAtOf(series) < startMs;
  }

  /**
   * Returns the half-open range of the samples that make a series visible. It is the same for all gauges, for all
   * counters, and for all scraped series.
   */
  private samplesThatShow(series: Series, view: View, { startMs, endMs }: ListedRange): { from: number; to: number } {
    const isHeld = view === 'held' && !series.isScraped;
    const times = sampleTimes(this.clock.now(), this.options.store.retentionDays);
    const end = times.latest + 1;
    // A counter has the value 0 for one grid step before its first push.
    const leadMs = isHeld && series.metric.type !== 'gauge' ? this.rules.gridMs : 0;
    const first = Math.ceil(isHeld ? startMs - this.timeToLiveMs(series) : startMs);
    const from = Math.min(Math.max(first, times.earliest), end);
    return { from, to: Math.max(Math.min(Math.floor(endMs + leadMs) + 1, end), from) };
  }

  private timeToLiveMs({ metric }: Series): number {
    return timeToLiveMsOf(this.rules, metric.type === 'gauge');
  }
}

function tooManySamples(maxSamples: number): PrometheusError {
  return new PrometheusError(
    'execution',
    `finding the series of the range takes reading more than ${maxSamples} samples, the limit (PROMQL_MAX_SAMPLES): ` +
      'choose fewer series with match[], or leave out start and end',
  );
}
