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

/** The finest possible grid, whatever a request says. */
const MIN_GRID_MS = 1_000;

/** Answers a Prometheus that uses this service as its remote storage: Prometheus evaluates the query itself and gets samples. */
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
    return this.queries.run(requests, { ...asker, timeoutMs: timeoutSeconds * 1_000 }, ({ selections }) => ({
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
   * Returns the grid on which a held value is sent. It is fine enough for the lookback to find a value, for a range to contain
   * four points, and for the steps of the query, and no finer than that.
   */
  private gridOf({ stepMs, rangeMs }: ReadQuery): number {
    const { gridSeconds, lookbackSeconds } = this.options.promql;
    const widest = Math.min(lookbackSeconds * 500, rangeMs > 0 ? rangeMs / 4 : Infinity);
    return Math.max(MIN_GRID_MS, Math.floor(Math.min(widest, Math.max(gridSeconds * 1_000, stepMs))));
  }
}

function selectRequestOf({ matchers, startMs, endMs }: ReadQuery, defaultView: View): SelectRequest {
  try {
    return { ...splitView(matchers, defaultView), startMs, endMs, edges: null };
  } catch (error) {
    if (error instanceof PromqlError) throw new PrometheusError('bad_data', error.message);
    throw error;
  }
}
