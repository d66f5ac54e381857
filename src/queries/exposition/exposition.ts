import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { Catalog } from '../../catalog/catalog.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { DatabaseClock } from '../../database/database-clock.js';
import type { EscapingScheme } from '../../outside-text/escaped-name.js';
import { FamilyWriter } from './format/family-writer.js';
import { LiveValues } from '../../live-values/live-values.js';
import { type OwnFamily, OwnMetrics } from '../../catalog/metric/own-metrics.js';
import type { ExpositionFormat } from './format/exposition-format.js';

/** Minimum number of characters of a chunk, except the last one. A socket takes about this much in one write. */
const CHUNK_CHARACTERS = 64 * 1024;

/**
 * The time for which the rendering may block the event loop. 100,000 series take about 100 ms without a pause. A client notices
 * if a push waits that long, but not if it waits 10 ms.
 */
const TURN_MS = 10;

/** Number of series between two checks of the clock. */
const SERIES_PER_CLOCK_CHECK = 256;

/**
 * Writes the exposition that Prometheus scrapes: the service's own metrics, each with the pushed series of its name, then every
 * other custom series with its live value. Metrics and series are in the order of their creation. The text is written in
 * pieces, so that a large exposition neither blocks the event loop nor fills the memory.
 */
@Injectable()
export class Exposition {
  constructor(
    private readonly catalog: Catalog,
    private readonly liveValues: LiveValues,
    private readonly own: OwnMetrics,
    private readonly clock: DatabaseClock,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /** Writes the whole exposition, in chunks. */
  async *write(format: ExpositionFormat, escaping: EscapingScheme): AsyncGenerator<string> {
    yield* this.writeFamilies(format, escaping, await this.own.families());
    if (format === 'openmetrics') yield '# EOF\n';
  }

  /** Writes only the custom series, in chunks. The end mark of OpenMetrics is left out. */
  writeCustom(format: ExpositionFormat, escaping: EscapingScheme): AsyncGenerator<string> {
    return this.writeFamilies(format, escaping, []);
  }

  private async *writeFamilies(
    format: ExpositionFormat,
    escaping: EscapingScheme,
    ownFamilies: readonly OwnFamily[],
  ): AsyncGenerator<string> {
    const { catalog, liveValues, own } = this;
    const hidesPushedBefore = this.hidesPushedBefore();
    const families = new FamilyWriter({ catalog, liveValues, own, ownFamilies, format, escaping, hidesPushedBefore });
    let chunk = '';
    let turnStartedAt = performance.now();
    let seriesUntilCheck = SERIES_PER_CLOCK_CHECK;
    for (const line of families.write()) {
      chunk += line;
      if (chunk.length >= CHUNK_CHARACTERS) {
        yield chunk;
        chunk = '';
      }
      if (--seriesUntilCheck > 0) continue;
      seriesUntilCheck = SERIES_PER_CLOCK_CHECK;
      if (performance.now() - turnStartedAt < TURN_MS) continue;
      await nextTurn();
      turnStartedAt = performance.now();
    }
    if (chunk !== '') yield chunk;
  }

  private hidesPushedBefore(): number {
    const { gaugeIdleHideSeconds } = this.options.exposition;
    return gaugeIdleHideSeconds === 0 ? 0 : this.clock.now() - gaugeIdleHideSeconds * 1000;
  }
}
