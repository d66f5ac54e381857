import { Injectable } from '@nestjs/common';
import { withoutDeleted } from './corrected-rows.js';
import type { Positions } from './lease.js';
import type { UnforwardedRow } from './stretch.js';
import { type FoundRow, UnforwardedRowsRepository } from './unforwarded-rows.repository.js';
import { WaitingCorrectionsRepository } from './waiting-corrections.repository.js';

/** The pause between two deletions of corrections that are no longer needed. */
const CLEARING_INTERVAL_MS = 30_000;

/**
 * Returns the rows that have not been forwarded, without samples that have been deleted in the meantime. A correction deletes
 * samples from the log itself. For rows that have left the log, it only notes which samples to leave out.
 */
@Injectable()
export class UnforwardedRows {
  private clearedAt = -Infinity;

  constructor(
    private readonly rows: UnforwardedRowsRepository,
    private readonly corrections: WaitingCorrectionsRepository,
  ) {}

  /** Returns the oldest rows of each writer, up to a limit, in the order of their arrival. */
  async find(): Promise<UnforwardedRow[]> {
    return this.corrected(await this.rows.find());
  }

  /** Returns all rows up to the given positions. */
  async findClaimed(claimed: Positions): Promise<UnforwardedRow[]> {
    return this.corrected(await this.rows.findClaimed(claimed));
  }

  /** Deletes noted corrections whose rows have all been forwarded, unless this was done a short time ago. */
  async clear(): Promise<void> {
    const now = performance.now();
    if (now - this.clearedAt < CLEARING_INTERVAL_MS) return;
    this.clearedAt = now;
    await this.corrections.deletePassed();
  }

  private async corrected(rows: readonly FoundRow[]): Promise<UnforwardedRow[]> {
    if (!rows.some(({ hasLeftLog }) => hasLeftLog)) return [...rows];
    // The corrections are read after the rows. So only a row that was read from the log before a correction can still contain
    // deleted samples, and that row might just as well have been sent before the correction.
    const corrections = await this.corrections.find();
    return rows.map((row) => withoutDeleted(row, row.hasLeftLog ? corrections : []));
  }
}
