import { Inject, Injectable } from '@nestjs/common';
import type { Series } from '../../catalog/series/series.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { DatabaseClock } from '../../database/database-clock.js';
import { DatabaseSchema } from '../../database/schema/database-schema.js';
import { LiveValues } from '../../live-values/live-values.js';
import type { SelectRequest, View } from '../../promql/evaluation/series/series-source.js';
import type { SeriesSamples } from '../../sample-store/reading/columns/series-samples.js';
import { type SampleQuery, TooManySamplesError } from '../../sample-store/reading/read-samples.js';
import { MAX_SERIES_AT_ONCE, SampleReader } from '../../sample-store/reading/sample-reader.js';
import { sortedInTurns } from '../../sample-store/reading/sorted-in-turns.js';
import { PrometheusError, tooManySamples } from './answers/prometheus.error.js';
import { type HoldingRules, holdingRulesOf, timeToLiveMsOf } from './holding-rules.js';
import { SeriesFinder } from './listing/series-finder.js';
import type { Conversation } from './worker/conversation.js';
import type { SelectorInput, TaskInput } from './worker/evaluation-pool.js';
import type { SelectionView } from './worker/evaluation-task.js';
import type { PortableSeries } from './worker/portable-series.js';
import { type SelectedNames, serveWorker } from './worker/statements/statement-server.js';
import { sampleTimes } from '../selection/sample-times.js';

/** The samples of all selectors of a query, and how the selectors see them. */
export interface ReadSelections {
  /** The view of each request and the start of its samples, in the order of the requests. */
  readonly selections: readonly SelectionView[];
  readonly input: TaskInput;
}

/** A query of the store, without the number of samples that it may still read. */
type RequestQuery = Omit<SampleQuery, 'maxSamples' | 'needsBefore'> & { readonly needsBefore: boolean };

/**
 * Reads the samples that the selectors of one query need, all from one snapshot of the store, so that a sum agrees with its
 * parts.
 */
@Injectable()
export class SelectionReader {
  readonly rules: HoldingRules;

  constructor(
    private readonly finder: SeriesFinder,
    private readonly reader: SampleReader,
    private readonly clock: DatabaseClock,
    private readonly liveValues: LiveValues,
    private readonly schema: DatabaseSchema,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {
    this.rules = holdingRulesOf(options.promql);
  }

  /**
   * Finds what the selectors of a query need, and passes it to a task: the samples if they are few, or else their description, with
   * which a worker reads them.
   *
   * @param foldable the indexes of the requests whose series need not be present at once
   * @returns the result of the task
   * @throws PrometheusError for too many series or samples, or the signal's reason
   */
  async read<T>(
    requests: readonly SelectRequest[],
    { foldable, signal }: { readonly foldable: ReadonlySet<number>; readonly signal: AbortSignal },
    task: (read: ReadSelections) => Promise<T>,
  ): Promise<T> {
    // Without selectors, such as for `1 + 1`, there is nothing to ask Postgres for.
    if (requests.length === 0) return task({ selections: [], input: { given: [] } });
    const startedAt = performance.now();
    const small = await this.readAtOnce(requests, signal);
    const waitedMs = performance.now() - startedAt;
    if (small !== undefined) {
      const { queries, answers } = small;
      const given = answers.map((samples, selector) => this.inputOf(selector, samples, queries[selector]!.from));
      return task({ selections: selectionsOf(requests, queries), input: { given } });
    }
    const found = await this.findSeries(requests, foldable, signal);
    const queries = this.queriesOf(requests, found, signal);
    const { maxSamples, maxSeries } = this.options.promql;
    const ranges = queries.map(({ from, to, needsBefore, firstValueAt, edges, series }) => {
      return { from, to, needsBefore, firstValueAt, edges, seriesCount: series.length };
    });
    const stored = { schema: this.schema.name, ranges, foldable, maxSamples, maxSeries };
    const names: SelectedNames[] = [];
    for (const { series, from } of queries) {
      const isStaleBefore = (each: Series) => this.isStaleBefore(each, from);
      names.push({ series: await sortedInTurns(series, (a, b) => a.id - b.id), isStaleBefore });
    }
    const serve = (conversation: Conversation) =>
      serveWorker(conversation, (task) => this.reader.withStatements(task, waitedMs), names);
    return task({ selections: selectionsOf(requests, queries), input: { stored, serve } });
  }

  /**
   * Reads the samples of a few series and, in the same round trip, checks that the catalog knows all series of their metrics.
   *
   * @returns undefined if there are too many series, or if the catalog may not know all of them
   */
  private async readAtOnce(
    requests: readonly SelectRequest[],
    signal: AbortSignal,
  ): Promise<{ queries: RequestQuery[]; answers: SeriesSamples[][] } | undefined> {
    // The numbers of known series are noted before the search, so that a series which is created meanwhile is not overlooked.
    const extents = this.finder.knownExtents(requests.map(({ matchers }) => matchers));
    if (extents === undefined) return undefined;
    const of: Series[][] = [];
    let count = 0;
    for (const { matchers } of requests) {
      const series: Series[] = [];
      for await (const page of this.finder.find(matchers, signal)) {
        count += page.length;
        if (count > MAX_SERIES_AT_ONCE) return undefined;
        series.push(...page);
      }
      of.push(series);
    }
    const queries = this.queriesOf(requests, of, signal);
    const { maxSamples } = this.options.promql;
    try {
      const answers = await this.reader.readAtOnce(queries, maxSamples, extents);
      return answers && { queries, answers };
    } catch (error) {
      if (error instanceof TooManySamplesError) throw tooManySamples(maxSamples);
      throw error;
    }
  }

  private queriesOf(
    requests: readonly SelectRequest[],
    seriesOf: readonly (readonly Series[])[],
    signal: AbortSignal,
  ): RequestQuery[] {
    return requests.map((request, index) => {
      const series = seriesOf[index]!;
      const { firstValueMs: firstValueAt } = request;
      return { series, ...this.rangeOf(request, series), firstValueAt, edges: this.edgesOf(request), signal };
    });
  }

  /** @returns the series of each request */
  private async findSeries(
    requests: readonly SelectRequest[],
    foldable: ReadonlySet<number>,
    signal: AbortSignal,
  ): Promise<Series[][]> {
    await this.finder.learn(requests.map(({ matchers }) => matchers));
    const { maxSeries } = this.options.promql;
    const of: Series[][] = [];
    let whole = 0;
    for (const [index, { matchers }] of requests.entries()) {
      const isFoldable = foldable.has(index);
      const series: Series[] = [];
      for await (const page of this.finder.find(matchers, signal)) {
        if (!isFoldable) whole += page.length;
        if (whole > maxSeries) throw tooManySeries(maxSeries);
        series.push(...page);
      }
      of.push(series);
    }
    return of;
  }

  /**
   * Returns the range to read for a request: its own range and the time before it that {@link reachOf} requires. It is limited to
   * the times that samples can have, so that no request can make the store search an endless empty range.
   */
  private rangeOf(
    { view, startMs, endMs }: SelectRequest,
    series: readonly Series[],
  ): { from: number; to: number; needsBefore: boolean } {
    const { earliest, latest } = sampleTimes(this.clock.now(), this.options.store.retentionDays);
    const deltas = series.filter(({ kind }) => kind === 'delta');
    const reachMs = view === 'held' ? this.reachOf(deltas) : 0;
    const from = Math.floor(clamp(startMs - reachMs, earliest, latest));
    const to = Math.floor(clamp(endMs, earliest, latest)) + 1;
    return { from, to: Math.max(to, from + 1), needsBefore: needsBefore(view, deltas.length > 0) };
  }

  private inputOf(selector: number, samples: readonly SeriesSamples[], from: number): SelectorInput {
    // The series can be iterated several times.
    return { selector, series: { [Symbol.iterator]: () => this.portable(samples, from) } };
  }

  private *portable(samples: readonly SeriesSamples[], from: number): Generator<PortableSeries> {
    for (const { series, timestamps, values, before } of samples) {
      if (values.length === 0 && before.value === undefined) continue;
      const { metric, labelsText, kind, isScraped } = series;
      yield {
        name: metric.name,
        labelsText,
        kind,
        isGauge: metric.type === 'gauge',
        isScraped,
        timestamps,
        values,
        valueBefore: before.value,
        atBefore: before.at,
        isStaleBefore: kind === 'delta' && this.isStaleBefore(series, from),
      };
    }
  }

  /**
   * Returns whether the last sample before the range is a stale marker. A stored total does not show this, but the live values
   * show it for the newest sample.
   */
  private isStaleBefore(series: Series, from: number): boolean {
    return !this.liveValues.has(series) && this.liveValues.newestAtOf(series) < from;
  }

  /**
   * Returns the edges of a request, which are the times at which its values matter. If counters have a time to live, the result
   * is undefined, because the time at which the value of a counter ends then depends on the times of all its samples.
   */
  private edgesOf({ edges }: SelectRequest): Float64Array | undefined {
    return this.rules.counterTimeToLiveMs === Infinity ? (edges ?? undefined) : undefined;
  }

  /**
   * Returns the number of milliseconds before the range that must also be read, so that the last push of each series of deltas is
   * found. This is the longest finite time to live. The stored total does not contain the time of the last push.
   */
  private reachOf(deltas: readonly Series[]): number {
    let reachMs = 0;
    for (const { metric } of deltas) {
      const timeToLiveMs = timeToLiveMsOf(this.rules, metric.type === 'gauge');
      if (timeToLiveMs !== Infinity) reachMs = Math.max(reachMs, timeToLiveMs);
    }
    return reachMs;
  }
}

/**
 * Returns whether a view needs the value before the range. The raw and the delta view use only the samples in the range, except
 * that the raw view shows series of deltas as totals, which depend on all earlier samples.
 */
function needsBefore(view: View, hasDeltas: boolean): boolean {
  return view === 'held' || (view === 'raw' && hasDeltas);
}

function selectionsOf(requests: readonly SelectRequest[], queries: readonly RequestQuery[]): SelectionView[] {
  return requests.map(({ view }, index) => ({ view, readFromMs: queries[index]!.from }));
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

function tooManySeries(maxSeries: number): PrometheusError {
  return new PrometheusError(
    'execution',
    `the query selects more than ${maxSeries} series, the limit (PROMQL_MAX_SERIES). Add labels to its selectors, aggregate them directly, such as sum by (job) (…), or raise the limit.`,
  );
}
