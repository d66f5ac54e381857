import type { LabelSet } from './label-set.js';
import { bytesOfMetric, bytesOfSeries } from './memory-cost.js';
import type { MetricDeclaration, MetricType, Temporality } from '../metric/metric.js';
import type { Metric } from './series.js';
import { Refusal } from '../refusal.js';
import type { CustomMetricsOptions } from '../../custom-metrics.options.js';

/** A request for a series that is not known yet. */
export interface SeriesRequest {
  readonly name: string;
  readonly type: MetricType;
  readonly declaration: MetricDeclaration;
  readonly labels: LabelSet;
  readonly labelsText: string;
  /** The temporality of a counter, or `delta` for a gauge whose samples are changes; null for any other gauge. */
  readonly temporality: Temporality | null;
  /** Whether the item itself gives the temporality, which then overrides the declaration of its metric. */
  readonly isTemporalityGiven: boolean;
  readonly tokenId: number | null;
  /** Whether the item came by remote write; see `isScraped` of `Series`. */
  readonly isScraped: boolean;
}

/** Limits for the number of series and their memory. */
export type SeriesLimits = Pick<
  CustomMetricsOptions['series'],
  'perTokenLimit' | 'perMetricLimit' | 'limit' | 'memoryPerTokenLimitBytes' | 'memoryLimitBytes'
>;

/** The current number of series and their memory. */
export interface SeriesCounts {
  readonly seriesCount: number;
  readonly seriesBytes: number;
  /** False if this process has no memory for some of the stored series. */
  readonly isComplete: boolean;
  seriesCountOfToken(tokenId: number): number;
  seriesBytesOfToken(tokenId: number): number;
}

/** Collects the series that are created together: each series once, and none beyond a limit. */
export class SeriesPlan {
  private readonly planned = new Map<string, SeriesRequest>();
  private readonly plannedOfMetric = new Map<string, number>();
  private readonly plannedOfToken = new Map<number, number>();
  private readonly bytesOfToken = new Map<number, number>();
  private bytes = 0;

  constructor(
    private readonly limits: SeriesLimits,
    private readonly counts: SeriesCounts,
  ) {}

  get requests(): Iterable<SeriesRequest> {
    return this.planned.values();
  }

  /**
   * Adds a request, unless its series is already known or planned.
   *
   * @param metric the request's metric, if it exists
   * @returns the refusal if a limit is reached
   */
  add(request: SeriesRequest, metric: Metric | undefined): Refusal | undefined {
    const key = `${request.name}{${request.labelsText}`;
    if (metric?.series.has(request.labelsText) || this.planned.has(key)) return undefined;
    const bytes = bytesOfSeries(request.labelsText) + this.bytesOfNewMetric(request, metric);
    const refusal = this.countMet(request, metric) ?? this.memoryMet(request, bytes);
    if (refusal) return refusal;
    this.planned.set(key, request);
    this.bytes += bytes;
    add(this.plannedOfMetric, request.name, 1);
    if (request.tokenId !== null) {
      add(this.plannedOfToken, request.tokenId, 1);
      add(this.bytesOfToken, request.tokenId, bytes);
    }
    return undefined;
  }

  /** Returns the bytes of the metric if it is new, otherwise 0. They count against the token that pushes its first series. */
  private bytesOfNewMetric({ name, declaration }: SeriesRequest, metric: Metric | undefined): number {
    return metric !== undefined || this.plannedOfMetric.has(name) ? 0 : bytesOfMetric({ ...declaration, name });
  }

  private memoryMet({ name, tokenId }: SeriesRequest, bytes: number): Refusal | undefined {
    const { memoryPerTokenLimitBytes, memoryLimitBytes } = this.limits;
    if (!this.counts.isComplete) {
      return new Refusal(
        'series_memory_limit',
        `This process does not know this series of ${name}, and it accepts no new series, because more are stored than it has ` +
          `memory for (SERIES_MEMORY_LIMIT is ${inMebibytes(memoryLimitBytes)}). Remove metrics that are not needed and restart it, ` +
          'or raise the limit.',
      );
    }
    const ofToken =
      tokenId === null ? 0 : this.counts.seriesBytesOfToken(tokenId) + (this.bytesOfToken.get(tokenId) ?? 0);
    if (tokenId !== null && ofToken + bytes > memoryPerTokenLimitBytes) {
      return new Refusal(
        'series_memory_limit',
        `The series of this token take ${inMebibytes(ofToken)} of memory, the limit (SERIES_MEMORY_PER_TOKEN_LIMIT) is ` +
          `${inMebibytes(memoryPerTokenLimitBytes)}. Use fewer or shorter labels, a token of its own for each app, or raise the limit.`,
      );
    }
    const total = this.counts.seriesBytes + this.bytes;
    if (total + bytes > memoryLimitBytes) {
      return new Refusal(
        'series_memory_limit',
        `All series take ${inMebibytes(total)} of memory, the limit (SERIES_MEMORY_LIMIT) is ${inMebibytes(memoryLimitBytes)}. ` +
          'Remove metrics that are not needed, use fewer or shorter labels, or raise the limit.',
      );
    }
    return undefined;
  }

  private countMet({ name, tokenId }: SeriesRequest, metric: Metric | undefined): Refusal | undefined {
    const { perMetricLimit, perTokenLimit, limit } = this.limits;
    const ofMetric = (metric?.series.size ?? 0) + (this.plannedOfMetric.get(name) ?? 0);
    if (ofMetric >= perMetricLimit) {
      return new Refusal(
        'series_limit',
        `The metric ${name} has ${ofMetric} series, the limit (SERIES_PER_METRIC_LIMIT) is ${perMetricLimit}. ` +
          'Leave out labels with many different values, such as user or request ids, or raise the limit.',
      );
    }
    const ofToken =
      tokenId === null ? 0 : this.counts.seriesCountOfToken(tokenId) + (this.plannedOfToken.get(tokenId) ?? 0);
    if (ofToken >= perTokenLimit) {
      return new Refusal(
        'series_limit',
        `This token has created ${ofToken} series, the limit (SERIES_PER_TOKEN_LIMIT) is ${perTokenLimit}. ` +
          'Use fewer label values, a token of its own for each app, or raise the limit.',
      );
    }
    const total = this.counts.seriesCount + this.planned.size;
    if (total >= limit) {
      return new Refusal(
        'series_limit',
        `There are ${total} series, the limit (SERIES_LIMIT) is ${limit}. ` +
          'Remove metrics that are not needed, or raise the limit.',
      );
    }
    return undefined;
  }
}

function add<Key>(sums: Map<Key, number>, key: Key, amount: number): void {
  sums.set(key, (sums.get(key) ?? 0) + amount);
}

function inMebibytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}
