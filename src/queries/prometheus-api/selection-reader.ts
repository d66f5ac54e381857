import { Inject, Injectable } from '@nestjs/common';
import type { Series } from '../../catalog/series/series.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { DatabaseClock } from '../../database/database-clock.js';
import { FUTURE_TOLERANCE_MS } from '../../database/future-tolerance.js';
import { LiveValues } from '../../live-values/live-values.js';
import type { SelectRequest, View } from '../../promql/evaluation/series/series-source.js';
import type { SeriesSamples } from '../../sample-store/log/sample-column.js';
import { SampleReader, TooManySamplesError } from '../../sample-store/reading/sample-reader.js';
import { PrometheusError, tooManySamples } from './answers/prometheus.error.js';
import { SeriesFinder } from './series-finder.js';
import type { TaskInput } from './worker/evaluation-pool.js';
import type { HoldingRules, SelectionView } from './worker/evaluation-task.js';
import type { PortableSeries } from './worker/portable-series.js';
import { DAY_MS } from '../../scheduling/units-of-time.js';

/** The samples of all selectors of a query. */
export interface ReadSelections {
  /** In the order of the requests. */
  readonly selections: readonly SelectionView[];
  readonly inputs: readonly TaskInput[];
}

/** Reads the samples that the selectors of one query need, in one view of the store, so that a sum agrees with its parts. */
@Injectable()
export class SelectionReader {
  constructor(
    private readonly finder: SeriesFinder,
    private readonly reader: SampleReader,
    private readonly clock: DatabaseClock,
    private readonly liveValues: LiveValues,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  get rules(): HoldingRules {
    const { gridSeconds, gaugeTimeToLiveSeconds, counterTimeToLiveSeconds } = this.options.promql;
    return {
      gridMs: gridSeconds * 1_000,
      gaugeTimeToLiveMs: gaugeTimeToLiveSeconds * 1_000 || Infinity,
      counterTimeToLiveMs: counterTimeToLiveSeconds * 1_000 || Infinity,
    };
  }

  /** @throws PrometheusError for too many series or samples, or the signal's reason */
  async read(requests: readonly SelectRequest[], signal: AbortSignal): Promise<ReadSelections> {
    const seriesOfEach = await this.findSeries(requests, signal);
    const ranges = requests.map((request, index) => this.rangeOf(request, seriesOfEach[index]!));
    const { maxSamples } = this.options.promql;
    const queries = ranges.map(({ from, to, needsBefore }, index) => ({
      series: seriesOfEach[index]!,
      from,
      to,
      needsBefore,
      edges: this.edgesOf(requests[index]!),
      signal,
    }));
    try {
      const answers = await this.reader.readAll(queries, maxSamples);
      return {
        selections: requests.map(({ view }, index) => ({ view, readFromMs: ranges[index]!.from })),
        inputs: answers.map((samples, index) => ({
          selectors: [index],
          series: this.portable(samples, ranges[index]!.from),
        })),
      };
    } catch (error) {
      if (error instanceof TooManySamplesError) throw tooManySamples(maxSamples);
      throw error;
    }
  }

  private async findSeries(requests: readonly SelectRequest[], signal: AbortSignal): Promise<Series[][]> {
    await this.finder.learn(requests.map(({ matchers }) => matchers));
    const { maxSeries } = this.options.promql;
    const found: Series[][] = [];
    let count = 0;
    for (const { matchers } of requests) {
      const series: Series[] = [];
      for await (const each of this.finder.find(matchers, signal)) {
        if (++count > maxSeries) throw tooManySeries(maxSeries);
        series.push(each);
      }
      found.push(series);
    }
    return found;
  }

  /**
   * Cuts the range of a request to the time in which samples can be, so that no request can make the store search endless empty
   * time.
   */
  private rangeOf(
    { view, startMs, endMs }: SelectRequest,
    series: readonly Series[],
  ): { from: number; to: number; needsBefore: boolean } {
    const now = this.clock.now();
    const earliest = now - (this.options.store.retentionDays + 1) * DAY_MS;
    const latest = now + FUTURE_TOLERANCE_MS;
    const deltas = series.filter(({ kind }) => kind === 'delta');
    const reachMs = view === 'held' ? this.reachOf(deltas) : 0;
    const from = Math.floor(clamp(startMs - reachMs, earliest, latest));
    const to = Math.floor(clamp(endMs, earliest, latest)) + 1;
    return { from, to: Math.max(to, from + 1), needsBefore: needsBefore(view, deltas.length > 0) };
  }

  private *portable(samples: readonly SeriesSamples[], from: number): Generator<PortableSeries> {
    for (const { series, timestamps, values, before } of samples) {
      if (values.length === 0 && before.value === undefined) continue;
      const { metric, labelsText, kind } = series;
      yield {
        name: metric.name,
        labelsText,
        kind,
        isGauge: metric.type === 'gauge',
        timestamps,
        values,
        valueBefore: before.value,
        atBefore: before.at,
        isStaleBefore: kind === 'delta' && this.isStaleBefore(series, from),
      };
    }
  }

  /**
   * Whether a stale marker was last before the range. A total does not record that; the live values do for the last sample of
   * all.
   */
  private isStaleBefore(series: Series, from: number): boolean {
    return !this.liveValues.has(series) && this.liveValues.newestAtOf(series) < from;
  }

  /**
   * Returns the edges of a request, unless counters have a time to live: where such a counter ends depends on the time of every
   * sample.
   */
  private edgesOf({ edges }: SelectRequest): Float64Array | undefined {
    return this.rules.counterTimeToLiveMs === Infinity ? (edges ?? undefined) : undefined;
  }

  /**
   * Returns how far before the range to read, so that the last push of each counter or gauge of deltas is found: the longest finite
   * time to live. The stored total does not say when it was last pushed.
   */
  private reachOf(deltas: readonly Series[]): number {
    const { gaugeTimeToLiveMs, counterTimeToLiveMs } = this.rules;
    let reachMs = 0;
    for (const { metric } of deltas) {
      const timeToLiveMs = metric.type === 'gauge' ? gaugeTimeToLiveMs : counterTimeToLiveMs;
      if (timeToLiveMs !== Infinity) reachMs = Math.max(reachMs, timeToLiveMs);
    }
    return reachMs;
  }
}

/**
 * Whether a view needs the value before the range. The raw and the delta view see only the samples in the range, but a total
 * depends on everything before it.
 */
function needsBefore(view: View, hasDeltas: boolean): boolean {
  return view === 'held' || (view === 'raw' && hasDeltas);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

function tooManySeries(maxSeries: number): PrometheusError {
  return new PrometheusError(
    'execution',
    `the query selects more than ${maxSeries} series, the limit (PROMQL_MAX_SERIES). Add labels to its selectors, or raise the limit.`,
  );
}
