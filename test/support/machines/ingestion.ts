import type { Catalog } from '../../../src/catalog/catalog.js';
import { OwnMetrics } from '../../../src/catalog/metric/own-metrics.js';
import type { Series } from '../../../src/catalog/series/series.js';
import { completeOptions, type CustomMetricsModuleOptions } from '../../../src/custom-metrics.options.js';
import { DatabaseClock } from '../../../src/database/database-clock.js';
import { HistogramFamilies } from '../../../src/ingestion/histograms/histogram-families.js';
import type { RefusedItem } from '../../../src/ingestion/ingest-result.js';
import type { IngestionMetrics } from '../../../src/ingestion/ingestion.metrics.js';
import type { RecentRefusals } from '../../../src/refusals/recent-refusals.js';
import { IngestionService } from '../../../src/ingestion/ingestion.service.js';
import type { Sender } from '../../../src/ingestion/sender.js';
import { BatchResolver } from '../../../src/ingestion/series/batch-resolver.js';
import { SeriesResolver } from '../../../src/ingestion/series/series-resolver.js';
import { LiveValues } from '../../../src/live-values/live-values.js';
import type { AcceptedSamples } from '../../../src/sample-store/log/commit-group.js';
import type { SampleLog } from '../../../src/sample-store/log/sample-log.js';
import type { RequestReceipt } from '../../../src/sample-store/receipts/request-receipt.js';
import { catalogOn, StoredCatalog } from './stored-catalog.js';

export const SENDER: Sender = { tokenId: 1, labels: {}, defaultTemporality: null };

/** An append that the log has received. */
export interface Appended {
  readonly samples: AcceptedSamples;
  readonly receipt: RequestReceipt | undefined;
}

/** Runs ingestion with its resolver and its catalog on a stored catalog, and collects the appended rows. */
export class IngestionOnStore {
  readonly stored = new StoredCatalog();
  readonly catalog: Catalog;
  readonly resolver: SeriesResolver;
  readonly live = new LiveValues();
  readonly service: IngestionService;
  readonly appended: Appended[] = [];
  /** If this is set, appends fail with it. */
  appendError: Error | undefined;
  accepted = 0;
  readonly refusedReasons: string[] = [];

  constructor(given: CustomMetricsModuleOptions = {}) {
    const options = completeOptions(given);
    this.catalog = catalogOn(this.stored, given);
    const own = new OwnMetrics();
    this.resolver = new SeriesResolver(this.catalog, own, options);
    const log: Pick<SampleLog, 'append'> = { append: (samples, receipt) => this.append({ samples, receipt }) };
    const metrics: Pick<IngestionMetrics, 'countAccepted' | 'countRefused' | 'setCacheBytes'> = {
      countAccepted: (samples) => (this.accepted += samples),
      countRefused: (refused) => this.noteRefused(refused),
      setCacheBytes: () => undefined,
    };
    const refusals: Pick<RecentRefusals, 'note'> = { note: () => undefined };
    const clock = new DatabaseClock();
    const families = new HistogramFamilies(this.catalog, own, options);
    this.service = new IngestionService(
      new BatchResolver(this.resolver, families, this.catalog, clock, options),
      this.catalog,
      this.live,
      log as SampleLog,
      clock,
      metrics as IngestionMetrics,
      refusals as RecentRefusals,
      options,
    );
  }

  /** The samples of the last row that was appended, such as `m{l="a"} 5`, each with `@` and its time if it has one. */
  get lastRow(): string[] {
    const { series, values, timestamps } = this.appended.at(-1)!.samples;
    return series.map((each, index) => {
      const at = timestamps?.[index] ?? NaN;
      return `${nameOf(each)} ${values[index]}${Number.isNaN(at) ? '' : ` @${at}`}`;
    });
  }

  private append(appended: Appended): Promise<void> {
    const { appendError } = this;
    if (appendError !== undefined) return Promise.reject(appendError);
    this.appended.push(appended);
    return Promise.resolve();
  }

  private noteRefused(refused: readonly Pick<RefusedItem, 'refusal'>[]): void {
    this.refusedReasons.push(...refused.map(({ refusal }) => refusal.reason));
  }
}

export function nameOf({ metric, labelsText }: Series): string {
  return labelsText === '' ? metric.name : `${metric.name}{${labelsText}}`;
}
