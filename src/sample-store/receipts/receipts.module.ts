import { Module } from '@nestjs/common';
import { DatabaseModule } from '../../database/database.module.js';
import { SchedulingModule } from '../../scheduling/scheduling.module.js';
import { IngestReceiptSweeper } from './ingest-receipt-sweeper.js';
import { IngestReceiptRepository } from './ingest-receipt.repository.js';

/** Recognises repeated requests by their idempotency key. */
@Module({
  imports: [DatabaseModule, SchedulingModule],
  providers: [IngestReceiptRepository, IngestReceiptSweeper],
  exports: [IngestReceiptRepository],
})
export class ReceiptsModule {}
