import { Inject, Injectable } from '@nestjs/common';
import { CatalogCatchUp } from '../catalog/catalog-catch-up.js';
import { Catalog } from '../catalog/catalog.js';
import { histogramOf } from '../catalog/histogram-family.js';
import { labelsFromText } from '../catalog/label-set.js';
import type { Series } from '../catalog/series.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../custom-metrics.options.js';
import { LiveValues } from '../exposition/live-values.js';
import type { LabelMatcher } from '../promql/syntax/ast.js';
import type { Asker } from './query.service.js';
import { QueryDeadline } from './query-deadline.js';
import { QueryGate } from './query-gate.js';
import { SeriesFinder } from './series-finder.js';
import { sortedTexts } from './sorted-texts.js';

/** Samples are taken up to ten minutes ahead of their arrival. */
const LATEST_AHEAD_MS = 10 * 60_000;

/** Which series a request lists. */
export interface ListingRequest {
  /** A series is listed if one of them fits; none = all series. */
  readonly selectors: readonly (readonly LabelMatcher[])[];
  /** Milliseconds since the epoch. */
  readonly startMs: number;
  /** 0 = all. */
  readonly limit: number;
}

/** Listings run in turns with other work: two at once take half of it, whoever asks for many. */
const LISTINGS_AT_ONCE = 2;

/** What Prometheus tells of a metric. */
export interface MetricMetadata {
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

/** Something listed, and whether the limit has cut it. */
export interface Listing<T> {
  readonly items: readonly T[];
  readonly isTruncated: boolean;
}

/**
 * Lists series, labels and metrics out of the catalog in memory.
 *
 * Times only leave out gauges that had ended before the range: a counter holds its value for ever, and samples may be
 * older than their series, so anything finer would have to read samples.
 */
@Injectable()
export class CatalogListingService {
  private readonly gate: QueryGate;

  constructor(
    private readonly catalog: Catalog,
    private readonly catchUp: CatalogCatchUp,
    private readonly finder: SeriesFinder,
    private readonly liveValues: LiveValues,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {
    this.gate = new QueryGate(LISTINGS_AT_ONCE, options.promql.queriesPerToken);
  }

  /** @throws PrometheusError */
  async series(request: ListingRequest, asker: Asker): Promise<Listing<Series>> {
    const found: Series[] = [];
    await this.forEachMatching(request, asker, (series) => {
      if (request.limit === 0 || found.length <= request.limit) found.push(series);
    });
    return cut(found, request.limit);
  }

  /** @throws PrometheusError */
  async labelNames(request: ListingRequest, asker: Asker): Promise<Listing<string>> {
    const names = new Set<string>();
    await this.forEachMatching(request, asker, ({ labelsText }) => {
      names.add('__name__');
      for (const name of Object.keys(labelsFromText(labelsText))) names.add(name);
    });
    return cut(await sortedTexts(names), request.limit);
  }

  /** @throws PrometheusError */
  async labelValues(label: string, request: ListingRequest, asker: Asker): Promise<Listing<string>> {
    const values = new Set<string>();
    await this.forEachMatching(request, asker, ({ metric, labelsText }) => {
      if (label === '__name__') values.add(metric.name);
      // The label's name may stand in a value, but where it does not stand at all it is not there.
      else if (labelsText.includes(label)) {
        const labels = labelsFromText(labelsText);
        if (Object.hasOwn(labels, label)) values.add(labels[label]!);
      }
    });
    return cut(await sortedTexts(values), request.limit);
  }

  /** @param limit most metrics; negative = all */
  async metadata(name: string | undefined, limit: number): Promise<Record<string, MetricMetadata[]>> {
    await (name === undefined ? this.catchUp.ofMetrics() : this.catchUp.ofMetric(name));
    const entries: [string, MetricMetadata[]][] = [];
    const metrics = name === undefined ? this.catalog.metrics : [this.catalog.findMetric(name)];
    for (const metric of metrics) {
      if (limit >= 0 && entries.length >= limit) break;
      // The parts of a histogram are told of by its family, as a scraped page does.
      if (metric === undefined || histogramOf(metric.name, this.catalog) !== undefined) continue;
      entries.push([metric.name, [{ type: metric.type, help: metric.help ?? '', unit: metric.unit ?? '' }]]);
    }
    return Object.fromEntries(entries);
  }

  /** Looks at all matching series when it is the request's turn. */
  private async forEachMatching(
    request: ListingRequest,
    { tokenId, client }: Asker,
    look: (series: Series) => void,
  ): Promise<void> {
    const deadline = new QueryDeadline(client, this.options.promql.timeoutSeconds * 1_000);
    try {
      const leave = await this.gate.enter(tokenId, deadline.signal);
      try {
        for await (const series of this.matching(request, deadline.signal)) look(series);
      } finally {
        leave();
      }
    } finally {
      deadline.clear();
    }
  }

  private async *matching(request: ListingRequest, signal: AbortSignal): AsyncGenerator<Series> {
    await this.finder.learn(request.selectors);
    const selectors = request.selectors.length === 0 ? [[]] : request.selectors;
    const seen = selectors.length > 1 ? new Set<Series>() : undefined;
    for (const matchers of selectors) {
      for await (const series of this.finder.find(matchers, signal)) {
        if (seen?.has(series) || !this.isVisibleSince(series, request.startMs)) continue;
        seen?.add(series);
        yield series;
      }
    }
  }

  private isVisibleSince(series: Series, startMs: number): boolean {
    if (!this.liveValues.has(series)) return true;
    const { gaugeTimeToLiveSeconds, counterTimeToLiveSeconds } = this.options.promql;
    const timeToLive = series.metric.type === 'gauge' ? gaugeTimeToLiveSeconds : counterTimeToLiveSeconds;
    if (timeToLive === 0) return true;
    return this.liveValues.pushedAtOf(series) + LATEST_AHEAD_MS + timeToLive * 1_000 >= startMs;
  }
}

function cut<T>(items: readonly T[], limit: number): Listing<T> {
  const isTruncated = limit > 0 && items.length > limit;
  return { items: isTruncated ? items.slice(0, limit) : items, isTruncated };
}
