import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../../custom-metrics.options.js';
import { DatabaseClock } from '../../../database/database-clock.js';
import { PromqlError } from '../../../promql/evaluation/errors.js';
import { splitView } from '../../../promql/evaluation/series/selector-view.js';
import type { SelectRequest, View } from '../../../promql/evaluation/series/series-source.js';
import { PrometheusError } from '../answers/prometheus.error.js';
import { type Asker, QueryService } from '../query.service.js';
import { SelectionReader } from '../selection-reader.js';
import type { ReadQuery } from './read-request.js';

/** The finest grid on which values are sent, even if a query would need a finer one. */
const MIN_GRID_MS = 1_000;

/**
 * Answers a Prometheus server that uses this service as its remote storage. The server evaluates queries itself, and receives
 * only samples.
 */
@Injectable()
export class RemoteReadService {
  constructor(
    private readonly queries: QueryService,
    private readonly reader: SelectionReader,
    private readonly clock: DatabaseClock,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /**
   * Reads the samples of some queries.
   *
   * @param defaultView the view of queries that do not choose one with `__view__`
   * @returns a ReadResponse in Snappy's block format, in parts
   * @throws PrometheusError
   */
  read(queries: readonly ReadQuery[], defaultView: View, asker: Asker): Promise<AsyncIterable<Uint8Array>> {
    const requests = queries.map((query) => selectRequestOf(query, defaultView));
    const { timeoutSeconds, maxSamples } = this.options.promql;
    const needed = { requests, foldable: new Set<number>() };
    return this.queries.run(needed, { ...asker, timeoutMs: timeoutSeconds * 1_000 }, (selections) => ({
      kind: 'read',
      rules: this.reader.rules,
      maxSamples,
      nowMs: this.clock.now(),
      selections: selections.map((selection, index) => ({
        ...selection,
        startMs: queries[index]!.startMs,
        endMs: queries[index]!.endMs,
        gridMs: this.gridOf(queries[index]!),
      })),
    }));
  }

  /**
   * Returns the grid on which a held value is sent, in milliseconds. This is the configured grid or the step of the query,
   * whichever is longer, unless the lookback would contain fewer than two points, or the range of the selector fewer than four.
   */
  private gridOf({ stepMs, rangeMs }: ReadQuery): number {
    const { gridSeconds, lookbackSeconds } = this.options.promql;
    const widest = Math.min(lookbackSeconds * 500, rangeMs > 0 ? rangeMs / 4 : Infinity);
    return Math.max(MIN_GRID_MS, Math.floor(Math.min(widest, Math.max(gridSeconds * 1_000, stepMs))));
  }
}

function selectRequestOf({ matchers, startMs, endMs }: ReadQuery, defaultView: View): SelectRequest {
  try {
    return { ...splitView(matchers, defaultView), startMs, endMs, firstValueMs: undefined, edges: null };
  } catch (error) {
    if (error instanceof PromqlError) throw new PrometheusError('bad_data', error.message);
    throw error;
  }
}
