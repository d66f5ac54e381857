import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { ApiToken } from '../api-tokens/api-token.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../custom-metrics.options.js';
import { IngestionService } from '../ingestion/ingestion.service.js';
import { senderOf } from '../ingestion/sender.js';
import { parsePage, refusalOf, understandPage } from './page-reading.js';
import type { ReceivedPage } from './received-page.js';

/** A page that belongs to no group: its samples are taken and nothing is replaced. */
@Injectable()
export class PrometheusPushService {
  constructor(
    private readonly ingestion: IngestionService,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /**
   * @returns once it is committed
   * @throws BadDataError if anything of the page can't be taken, and then nothing is; StoreUnavailableError
   */
  async push(received: ReceivedPage, token: ApiToken): Promise<void> {
    const { limits } = this.options;
    const families = parsePage(received, limits);
    // Each of the two may take a tenth of a second for a full page with many labels.
    await nextTurn();
    const page = understandPage(families, limits);
    const { refused } = await this.ingestion.ingest(page.samples, senderOf(token), true);
    if (refused.length > 0) throw refusalOf(page, refused);
  }
}
