import { Injectable, Logger } from '@nestjs/common';
import { BackgroundLoop } from '../../scheduling/background-loop.js';
import { BackgroundLoops } from '../../scheduling/background-loops.js';
import { withDeadline } from '../../database/outage.js';
import { IngestReceiptRepository } from './ingest-receipt.repository.js';

const SWEEP_INTERVAL_MS = 60_000;

/** Delay before the first sweep, so that processes that live for less than a minute remove receipts too. */
const FIRST_SWEEP_AFTER_MS = 10_000;

/** Number of receipts that one statement removes, which takes about ten milliseconds, so that no request waits long for it. */
const RECEIPTS_PER_STATEMENT = 5_000;

/** Maximum time for a statement, so that a connection that hangs does not stop the sweeper. */
const STATEMENT_DEADLINE_MS = 10_000;

/** Removes expired receipts. Every process does this, and skips receipts that another process is removing. */
@Injectable()
export class IngestReceiptSweeper {
  constructor(
    private readonly receipts: IngestReceiptRepository,
    loops: BackgroundLoops,
  ) {
    loops.add(
      new BackgroundLoop({
        name: 'remove receipts past their time',
        logger: new Logger(IngestReceiptSweeper.name),
        intervalMs: SWEEP_INTERVAL_MS,
        firstAfterMs: FIRST_SWEEP_AFTER_MS,
        turn: () => this.sweep(),
      }),
    );
  }

  /** @returns whether there may be more to remove */
  private async sweep(): Promise<boolean> {
    const removed = await withDeadline(this.receipts.deleteExpired(RECEIPTS_PER_STATEMENT), STATEMENT_DEADLINE_MS);
    return removed === RECEIPTS_PER_STATEMENT;
  }
}
