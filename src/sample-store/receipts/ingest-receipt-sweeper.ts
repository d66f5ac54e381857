import { Injectable, Logger } from '@nestjs/common';
import { BackgroundLoop } from '../../scheduling/background-loop.js';
import { BackgroundLoops, type StoppableWork } from '../../scheduling/background-loops.js';
import { withDeadline } from '../../database/outage.js';
import { IngestReceiptRepository } from './ingest-receipt.repository.js';

const SWEEP_INTERVAL_MS = 60_000;

/** Removed in one statement: some ten milliseconds of work, so that nobody waits for it. */
const RECEIPTS_PER_STATEMENT = 5_000;

/** A connection that has gone silent must not end the sweeping. */
const STATEMENT_DEADLINE_MS = 10_000;

/** Removes receipts past their time. Every process does it: they skip what another one has in hand. */
@Injectable()
export class IngestReceiptSweeper implements StoppableWork {
  private readonly loop = new BackgroundLoop({
    name: 'remove receipts past their time',
    logger: new Logger(IngestReceiptSweeper.name),
    intervalMs: SWEEP_INTERVAL_MS,
    turn: () => this.sweep(),
  });

  constructor(
    private readonly receipts: IngestReceiptRepository,
    loops: BackgroundLoops,
  ) {
    loops.add(this);
  }

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  /** @returns whether there may be more */
  private async sweep(): Promise<boolean> {
    const removed = await withDeadline(this.receipts.deleteExpired(RECEIPTS_PER_STATEMENT), STATEMENT_DEADLINE_MS);
    return removed === RECEIPTS_PER_STATEMENT;
  }
}
