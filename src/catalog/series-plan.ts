import type { LabelSet } from './label-set.js';
import type { Metric, MetricDeclaration, MetricType, Temporality } from './metric.js';
import { Refusal } from './refusal.js';

/** A series that is wanted and not known yet. */
export interface SeriesRequest {
  readonly name: string;
  readonly type: MetricType;
  readonly declaration: MetricDeclaration;
  readonly labels: LabelSet;
  readonly labelsText: string;
  /** Of a counter; null for a gauge, unless it takes changes. */
  readonly temporality: Temporality | null;
  /** Whether the item itself says so, which goes before what is declared of its metric. */
  readonly isTemporalityGiven: boolean;
  readonly tokenId: number | null;
}

/** How many series there may be. */
export interface SeriesLimits {
  readonly seriesPerToken: number;
  readonly seriesPerMetric: number;
  /** Series of the whole database; each lives in memory, at up to 1 KiB. */
  readonly series: number;
}

/** How many there are. */
export interface SeriesCounts {
  readonly total: number;
  ofToken(tokenId: number): number;
}

/** The series that one round of creation will make: each once, and none past a limit. */
export class SeriesPlan {
  private readonly planned = new Map<string, SeriesRequest>();
  private readonly plannedOfMetric = new Map<string, number>();
  private readonly plannedOfToken = new Map<number, number>();

  constructor(
    private readonly limits: SeriesLimits,
    private readonly counts: SeriesCounts,
  ) {}

  get requests(): Iterable<SeriesRequest> {
    return this.planned.values();
  }

  /**
   * Takes a request in, unless its series is known or planned already.
   *
   * @param metric the request's metric, if it exists
   * @returns the limit that keeps it out
   */
  add(request: SeriesRequest, metric: Metric | undefined): Refusal | undefined {
    const key = `${request.name}{${request.labelsText}`;
    if (metric?.series.has(request.labelsText) || this.planned.has(key)) return undefined;
    const refusal = this.limitMet(request, metric);
    if (refusal) return refusal;
    this.planned.set(key, request);
    increment(this.plannedOfMetric, request.name);
    if (request.tokenId !== null) increment(this.plannedOfToken, request.tokenId);
    return undefined;
  }

  private limitMet({ name, tokenId }: SeriesRequest, metric: Metric | undefined): Refusal | undefined {
    const { seriesPerMetric, seriesPerToken, series } = this.limits;
    const ofMetric = (metric?.series.size ?? 0) + (this.plannedOfMetric.get(name) ?? 0);
    if (ofMetric >= seriesPerMetric) {
      return new Refusal(
        'series_limit',
        `The metric ${name} has ${ofMetric} series, the limit (SERIES_PER_METRIC_LIMIT) is ${seriesPerMetric}. ` +
          'Leave out labels whose values are many, such as user or request ids, or raise the limit.',
      );
    }
    const ofToken = tokenId === null ? 0 : this.counts.ofToken(tokenId) + (this.plannedOfToken.get(tokenId) ?? 0);
    if (ofToken >= seriesPerToken) {
      return new Refusal(
        'series_limit',
        `This token has created ${ofToken} series, the limit (SERIES_PER_TOKEN_LIMIT) is ${seriesPerToken}. ` +
          'Use fewer label values, a token of its own for each app, or raise the limit.',
      );
    }
    const total = this.counts.total + this.planned.size;
    if (total >= series) {
      return new Refusal(
        'series_limit',
        `There are ${total} series, the limit (SERIES_LIMIT) is ${series}. ` +
          'Remove metrics that are not needed, or raise the limit; a series takes up to 1 KiB of memory.',
      );
    }
    return undefined;
  }
}

function increment<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
