import { HISTOGRAM_SUFFIX, histogramOf } from '../../../catalog/metric/histogram-family.js';
import type { Metric } from '../../../catalog/series/series.js';

/** Maximum length of the list in one event, in characters. Names can be long, and a slow client must not keep much memory. */
const MAX_LIST_CHARACTERS = 64_000;

/** The metrics that a client wants to follow. */
export interface LiveSelection {
  /** The names of metrics. The name of a histogram includes its counters. Undefined means every metric. */
  readonly metrics: readonly string[] | undefined;
  /** True if the counters of a histogram are listed as the histogram. */
  readonly families: boolean;
}

/** The part of the catalog that finds metrics. */
interface MetricLookup {
  findMetric(name: string): Metric | undefined;
}

/** The metrics that have received samples between two events. */
export class ReceivedSamples {
  /** The JSON lists of all metrics, by `families`. They are the same for all clients, so each is written only once. */
  private readonly listsOfAll = new Map<boolean, string>();

  /**
   * @param newestAt the time of the newest received sample of each metric, in ms since the epoch
   * @param isTruncated whether further metrics may have received samples
   */
  constructor(
    private readonly newestAt: ReadonlyMap<Metric, number>,
    private readonly isTruncated: boolean,
    private readonly catalog: MetricLookup,
    private readonly maxMetrics: number,
  ) {}

  /** Returns the data of an event, or undefined if none of the selected metrics has received samples. */
  dataFor({ metrics, families }: LiveSelection): string | undefined {
    if (metrics !== undefined) return this.listOf(this.timesOf(metrics), false);
    const known = this.listsOfAll.get(families);
    if (known !== undefined) return known;
    const list = this.listOf(...this.timesOfAll(families));
    if (list !== undefined) this.listsOfAll.set(families, list);
    return list;
  }

  /** Returns the times of selected metrics. The effort depends only on the number of names. */
  private timesOf(names: readonly string[]): Map<string, number> {
    const times = new Map<string, number>();
    for (const name of names) {
      const metric = this.catalog.findMetric(name);
      const holders =
        metric?.type === 'histogram'
          ? Object.values(HISTOGRAM_SUFFIX).map((suffix) => this.catalog.findMetric(name + suffix))
          : [metric];
      for (const holder of holders) {
        const at = holder && this.newestAt.get(holder);
        if (at !== undefined) noteTime(times, name, at);
      }
    }
    return times;
  }

  private timesOfAll(families: boolean): [times: Map<string, number>, isCut: boolean] {
    const times = new Map<string, number>();
    for (const [metric, at] of this.newestAt) {
      if (metric.isRemoved) continue;
      const { name } = (families ? histogramOf(metric.name, this.catalog) : undefined) ?? metric;
      if (times.size >= this.maxMetrics && !times.has(name)) return [times, true];
      noteTime(times, name, at);
    }
    return [times, false];
  }

  private listOf(times: ReadonlyMap<string, number>, isCut: boolean): string | undefined {
    if (times.size === 0 && !this.isTruncated) return undefined;
    let truncated = isCut || this.isTruncated;
    const metrics: string[] = [];
    let length = 0;
    for (const [metric, at] of times) {
      const entry = JSON.stringify({ metric, newestAt: new Date(at).toISOString() });
      length += entry.length;
      if (length > MAX_LIST_CHARACTERS) {
        truncated = true;
        break;
      }
      metrics.push(entry);
    }
    return `{"metrics":[${metrics.join(',')}],"truncated":${truncated}}`;
  }
}

function noteTime(times: Map<string, number>, name: string, at: number): void {
  const known = times.get(name);
  if (known === undefined || at > known) times.set(name, at);
}
