import { Injectable, Logger } from '@nestjs/common';
import { isLockTimeout } from '../../../database/outage.js';
import { ArchiveRepository } from '../archive.repository.js';
import { BLOCK_SETS, type Partition } from '../chunk/chunk-partitions.js';
import { type DueSweep, TurnSweepRepository } from './turn-sweep.repository.js';

/**
 * Deletes merged blocks that are not current: those that were replaced, and those that abandoned turns have written. They stay for one to two
 * days, because a reader may have begun before they were replaced.
 */
@Injectable()
export class TurnSweep {
  private readonly logger = new Logger(TurnSweep.name);

  constructor(
    private readonly archive: ArchiveRepository,
    private readonly repository: TurnSweepRepository,
  ) {}

  /** Sweeps all partitions if that is due, each in a transaction of its own. */
  async sweepIfDue(stopping?: AbortSignal): Promise<void> {
    const found = await this.findDue();
    if (found === undefined) return;
    const { due, partitions } = found;
    let deleted = 0;
    for (const partition of partitions) {
      if (stopping?.aborted === true) return;
      const count = await this.archive.withLock((transaction) => this.repository.sweep(transaction, due, partition));
      // Another process works on the archive, and the next turn begins again. It finds little to delete in these partitions.
      if (count === undefined) return;
      deleted += count;
    }
    await this.archive.withLock((transaction) => this.repository.finish(transaction, due));
    if (deleted > 0) this.logger.log(`Deleted ${deleted} merged blocks that were no longer current.`);
  }

  private async findDue(): Promise<{ due: DueSweep; partitions: Partition[] } | undefined> {
    try {
      return await this.archive.withLock(async (transaction) => {
        const due = await this.repository.findDue(transaction);
        if (due === undefined) return undefined;
        await this.repository.removeGuard(transaction);
        return { due, partitions: await this.archive.findPartitions(transaction, BLOCK_SETS.merged) };
      });
    } catch (error) {
      // Somebody reads merged blocks, so the guard stays, and the next turn tries it again.
      if (isLockTimeout(error)) return undefined;
      throw error;
    }
  }
}
