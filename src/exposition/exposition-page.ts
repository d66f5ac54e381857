import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { Catalog } from '../catalog/catalog.js';
import { HISTOGRAM_SUFFIX, histogramOf } from '../catalog/histogram-family.js';
import type { Metric } from '../catalog/metric.js';
import type { Series } from '../catalog/series.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../custom-metrics.options.js';
import { DatabaseClock } from '../database/database-clock.js';
import { HistogramLines } from './histogram-lines.js';
import { LiveValues } from './live-values.js';
import { OwnMetrics } from './own-metrics.js';
import { type ExpositionFormat, formatHeader, formatSample, openMetricsFamily } from './page-format.js';

/** Sent at once; a chunk of a size that a socket takes in one write. */
const CHUNK_CHARACTERS = 64 * 1024;

/**
 * How long the page may hold the event loop before others get a turn. 100,000 series take about 100 ms in one stretch;
 * a push that waits behind that is noticed, one that waits 10 ms is not.
 */
const TURN_MS = 10;

/** Series between two looks at the clock. */
const SERIES_PER_LOOK = 256;

/**
 * The page that Prometheus scrapes: the service's own metrics, then every custom series at its live value, metrics and
 * series in the order of their creation. Written in pieces, so that neither the event loop nor the memory feels its size.
 */
@Injectable()
export class ExpositionPage {
  constructor(
    private readonly catalog: Catalog,
    private readonly liveValues: LiveValues,
    private readonly own: OwnMetrics,
    private readonly clock: DatabaseClock,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /** The whole page, in chunks. */
  async *write(format: ExpositionFormat): AsyncGenerator<string> {
    yield await this.own.write(format);
    yield* this.writeCustom(format);
    if (format === 'openmetrics') yield '# EOF\n';
  }

  /** The custom series alone, in chunks; without the end mark of OpenMetrics. */
  async *writeCustom(format: ExpositionFormat): AsyncGenerator<string> {
    let chunk = '';
    let turnStartedAt = performance.now();
    let seriesUntilLook = SERIES_PER_LOOK;
    for (const line of this.lines(format)) {
      chunk += line;
      if (chunk.length >= CHUNK_CHARACTERS) {
        yield chunk;
        chunk = '';
      }
      if (--seriesUntilLook > 0) continue;
      seriesUntilLook = SERIES_PER_LOOK;
      if (performance.now() - turnStartedAt < TURN_MS) continue;
      await nextTurn();
      turnStartedAt = performance.now();
    }
    if (chunk !== '') yield chunk;
  }

  /** Everything of the custom part, a family's header or the lines of one series at a time. */
  private *lines(format: ExpositionFormat): Generator<string> {
    const { gaugeIdleHideSeconds } = this.options.exposition;
    const hidesPushedBefore = gaugeIdleHideSeconds === 0 ? 0 : this.clock.now() - gaugeIdleHideSeconds * 1000;
    // A metric that is deleted and made anew while the page is written must not be on it twice.
    const metrics = Array.from(this.catalog.metrics);
    for (const metric of metrics) {
      if (metric.isRemoved || this.isIncomplete(metric)) continue;
      if (histogramOf(metric.name, this.catalog) !== undefined || this.own.isReserved(metric.name)) continue;
      if (metric.type === 'histogram') {
        yield* this.histogramLines(metric, format);
      } else {
        yield* this.seriesLines(metric, format, hidesPushedBefore);
      }
    }
  }

  /** A family with some of its series would make every sum over it wrong, so it is left out whole. */
  private isIncomplete({ name, isIncomplete }: Metric): boolean {
    if (this.catalog.isComplete) return false;
    return (
      isIncomplete ||
      Object.values(HISTOGRAM_SUFFIX).some((suffix) => this.catalog.findMetric(name + suffix)?.isIncomplete === true)
    );
  }

  private *seriesLines(metric: Metric, format: ExpositionFormat, hidesPushedBefore: number): Generator<string> {
    const isVisible = (series: Series) =>
      this.liveValues.has(series) &&
      (series.kind !== 'gauge' || this.liveValues.pushedAtOf(series) >= hidesPushedBefore);
    const createdName = this.createdNameOf(metric, format);
    let hasHeader = false;
    for (const series of metric.series.values()) {
      if (!isVisible(series)) continue;
      if (!hasHeader) yield this.headerOf(metric, format);
      hasHeader = true;
      const line = formatSample(metric.name, series.labelsText, this.liveValues.valueOf(series));
      yield createdName === undefined || series.kind !== 'delta'
        ? line
        : line + formatSample(createdName, series.labelsText, series.createdAt.getTime() / 1000);
    }
  }

  private *histogramLines(histogram: Metric, format: ExpositionFormat): Generator<string> {
    const lines = new HistogramLines(histogram.name, this.catalog, this.liveValues);
    if (lines.isEmpty) return;
    yield this.headerOf(histogram, format);
    yield* lines;
  }

  private headerOf({ name, type, help, unit }: Metric, format: ExpositionFormat): string {
    return formatHeader({ name, type, help: help ?? 'Custom metric', unit }, format, this.isTaken);
  }

  /** The name of the samples that tell when a counter began; only OpenMetrics has them, and only if nobody else is called so. */
  private createdNameOf({ name, type }: Metric, format: ExpositionFormat): string | undefined {
    if (format === 'text' || type !== 'counter') return undefined;
    const family = openMetricsFamily({ name, type, help: '' }, this.isTaken);
    const created = `${family.name}_created`;
    return family.type !== 'counter' || this.isTaken(created) ? undefined : created;
  }

  private readonly isTaken = (name: string): boolean =>
    this.catalog.findMetric(name) !== undefined || this.own.isReserved(name);
}
