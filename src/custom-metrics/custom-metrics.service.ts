import { Injectable } from '@nestjs/common';
import type { ApiToken } from '../api-tokens/api-token.js';
import { BadDataError } from '../http/errors.js';
import type { IncomingSample } from '../ingestion/incoming-sample.js';
import { IngestionService } from '../ingestion/ingestion.service.js';
import { IngestReportResponse } from './dto/ingest-report.response.js';

/** What this front door makes of a batch: who sends it, how strict it is, and what the sender is told. */
@Injectable()
export class CustomMetricsService {
  constructor(private readonly ingestion: IngestionService) {}

  /**
   * Stores a batch.
   *
   * @param isStrict one item that can't be taken refuses the whole batch
   * @returns once it is committed; a report if something was not taken, else nothing
   * @throws BadDataError when strict, StoreUnavailableError when Postgres can't take it now
   */
  async ingest(
    samples: readonly IncomingSample[],
    token: ApiToken,
    isStrict: boolean,
  ): Promise<IngestReportResponse | undefined> {
    const sender = { tokenId: token.id, labels: token.labels, defaultTemporality: token.defaultTemporality };
    const receipt = await this.ingestion.ingest(samples, sender, isStrict);
    if (receipt.refused.length === 0) return undefined;
    const report = IngestReportResponse.of(receipt);
    if (!isStrict) return report;
    throw new BadDataError(
      report.rejected.map(({ index, message }) => ({ path: `/body/metrics/${index}`, message })),
      `${report.rejectedCount} of ${samples.length} items can't be taken, and handling=strict was preferred: nothing was stored.`,
    );
  }
}
