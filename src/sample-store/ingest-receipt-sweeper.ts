import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { databaseMessageOf, isOutage, withDeadline } from '../database/outage.js';
import { IngestReceiptRepository } from './ingest-receipt.repository.js';

const SWEEP_INTERVAL_MS = 60_000;

/** Removed in one statement: some ten milliseconds of work, so that nobody waits for it. */
const RECEIPTS_PER_STATEMENT = 5_000;

/** A connection that has gone silent must not end the sweeping. */
const STATEMENT_DEADLINE_MS = 10_000;

/** Removes receipts past their time. Every process does it: they skip what another one has in hand. */
@Injectable()
export class IngestReceiptSweeper implements OnApplicationShutdown {
  private readonly logger = new Logger(IngestReceiptSweeper.name);
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> = Promise.resolve();
  private isStopped = false;

  constructor(private readonly receipts: IngestReceiptRepository) {}

  start(): void {
    if (this.isStopped) return;
    this.timer = setTimeout(() => {
      this.sweeping = this.sweep().then(() => this.start());
    }, SWEEP_INTERVAL_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.sweeping;
  }

  private async sweep(): Promise<void> {
    try {
      for (let removed = RECEIPTS_PER_STATEMENT; removed === RECEIPTS_PER_STATEMENT && !this.isStopped;) {
        removed = await withDeadline(this.receipts.deleteExpired(RECEIPTS_PER_STATEMENT), STATEMENT_DEADLINE_MS);
      }
    } catch (error) {
      // The store says loudly when Postgres is away; anything else nobody else would say.
      const message = `Receipts past their time could not be removed: ${databaseMessageOf(error)}`;
      if (isOutage(error)) this.logger.debug(message);
      else this.logger.warn(message);
    }
  }
}
