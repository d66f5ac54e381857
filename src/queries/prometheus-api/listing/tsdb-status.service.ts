import { Inject, Injectable } from '@nestjs/common';
import { CatalogRefresh } from '../../../catalog/catalog-refresh.js';
import { Catalog } from '../../../catalog/catalog.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../../custom-metrics.options.js';
import { DatabaseClock } from '../../../database/database-clock.js';
import { countLabels } from '../../selection/label-counts.js';
import { smallest } from '../../selection/smallest.js';
import { QueryDeadline } from '../query-deadline.js';
import { QueryLimiter } from '../query-limiter.js';
import type { Asker } from '../query.service.js';

/** Maximum number of characters of the names in one list. */
const MAX_LIST_CHARACTERS = 500_000;

/** A name with a number, as Prometheus lists them. */
interface NamedValue {
  readonly name: string;
  readonly value: number;
}

/** The largest metrics and labels, in the form of Prometheus' `/api/v1/status/tsdb`. */
export interface TsdbStatus {
  readonly headStats: {
    readonly numSeries: number;
    readonly numLabelPairs: number;
    readonly chunkCount: number;
    readonly minTime: number;
    readonly maxTime: number;
  };
  readonly seriesCountByMetricName: readonly NamedValue[];
  readonly labelValueCountByLabelName: readonly NamedValue[];
  readonly memoryInBytesByLabelName: readonly NamedValue[];
  readonly seriesCountByLabelValuePair: readonly NamedValue[];
}

/** Returns the metrics and labels with the most series and values. */
@Injectable()
export class TsdbStatusService {
  private readonly limiter: QueryLimiter;

  constructor(
    private readonly catalog: Catalog,
    private readonly refresh: CatalogRefresh,
    private readonly clock: DatabaseClock,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {
    // Counting a million label values takes a lot of memory, so only one request runs at a time.
    this.limiter = new QueryLimiter(1, options.promql.queriesPerToken);
  }

  /**
   * Counts series by metric, label and value.
   *
   * @param limit maximum length of each list
   * @throws PrometheusError, or the reason of the client's signal
   */
  async status(limit: number, { tokenId, client }: Asker): Promise<TsdbStatus> {
    const deadline = new QueryDeadline(client, this.options.promql.timeoutSeconds * 1_000);
    try {
      const leave = await this.limiter.enter(tokenId, deadline.signal);
      try {
        return await this.count(limit, deadline.signal);
      } finally {
        leave();
      }
    } finally {
      deadline.clear();
    }
  }

  private async count(limit: number, signal: AbortSignal): Promise<TsdbStatus> {
    await this.refresh.ofAllSeries();
    const counts = await countLabels(this.catalog.allSeries(), signal);
    const metrics = Array.from(this.catalog.metrics, ({ name, series }) => ({ name, value: series.size })).filter(
      ({ value }) => value > 0,
    );
    const sizes = Array.from(counts, ([name, values]) => ({ name, value: values.size }));
    const bytes = Array.from(counts, ([name, values]) => ({ name, value: charactersOf(values) }));
    const largest = async (items: Iterable<NamedValue>) => beginningOf(await smallest(items, limit, byValue));
    return {
      headStats: {
        numSeries: this.catalog.seriesCount,
        numLabelPairs: metrics.length + sizes.reduce((sum, { value }) => sum + value, 0),
        // Only Prometheus' own storage has chunks in memory.
        chunkCount: 0,
        minTime: this.oldestMetricAt(),
        maxTime: this.clock.now(),
      },
      seriesCountByMetricName: await largest(metrics),
      labelValueCountByLabelName: await largest([{ name: '__name__', value: metrics.length }, ...sizes]),
      memoryInBytesByLabelName: await largest(bytes),
      seriesCountByLabelValuePair: await largest(pairsOf(counts, metrics)),
    };
  }

  private oldestMetricAt(): number {
    let oldest = this.clock.now();
    for (const { createdAt } of this.catalog.metrics) oldest = Math.min(oldest, createdAt.getTime());
    return oldest;
  }
}

/** Returns the beginning of a list, so that ten thousand long values do not become an answer of a hundred megabytes. */
function beginningOf(items: readonly NamedValue[]): readonly NamedValue[] {
  let characters = 0;
  const end = items.findIndex(({ name }) => (characters += name.length) > MAX_LIST_CHARACTERS);
  return end < 0 ? items : items.slice(0, end);
}

/** Returns the length of a label's values, in characters. As in Prometheus, a value counts once for each series that has it. */
function charactersOf(values: ReadonlyMap<string, number>): number {
  let characters = 0;
  for (const [value, count] of values) characters += value.length * count;
  return characters;
}

function* pairsOf(
  counts: ReadonlyMap<string, ReadonlyMap<string, number>>,
  metrics: readonly NamedValue[],
): Generator<NamedValue> {
  for (const { name, value } of metrics) yield { name: `__name__=${name}`, value };
  for (const [name, values] of counts) {
    for (const [value, count] of values) yield { name: `${name}=${value}`, value: count };
  }
}

function byValue(a: NamedValue, b: NamedValue): number {
  if (a.value !== b.value) return b.value - a.value;
  return a.name < b.name ? -1 : 1;
}
