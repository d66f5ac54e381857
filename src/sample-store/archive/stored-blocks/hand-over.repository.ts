import { Injectable } from '@nestjs/common';
import { OlderProcessesRepository } from '../../../database/older-processes.repository.js';
import { isLockTimeout } from '../../../database/outage.js';
import { DatabaseSchema } from '../../../database/schema/database-schema.js';
import { ArchiveRepository, type ArchiveTransaction } from '../archive.repository.js';

/**
 * Maximum wait for the lock on the writers. Heartbeats wait as long as this lock is requested or held. If it is not free, the
 * next turn tries again.
 */
const LOCK_TIMEOUT_MS = 500;

/** Decides when blocks are written instead of chunks. Processes of an older version can't read blocks. */
@Injectable()
export class HandOverRepository {
  constructor(
    private readonly archive: ArchiveRepository,
    private readonly older: OlderProcessesRepository,
    private readonly schema: DatabaseSchema,
  ) {}

  /** Returns whether blocks are written. Once they are, this never changes back. */
  async storesBlocks(transaction: ArchiveTransaction): Promise<boolean> {
    const rows: unknown[] = await transaction.query(
      `SELECT 1 FROM ${this.schema}.sample_archive WHERE stores_blocks_since IS NOT NULL`,
    );
    return rows.length > 0;
  }

  /**
   * Switches from chunks to blocks, unless a process that does not read blocks is alive. Once the switch is committed, the
   * database refuses such processes, even one that was only frozen. Because of the lock, either a process that is registering at
   * that moment waits for the decision, or the decision waits for that process.
   */
  async begin(): Promise<void> {
    try {
      await this.archive.withLock(async (transaction) => {
        if (await this.storesBlocks(transaction)) return;
        await transaction.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
        await transaction.query(`LOCK TABLE ${this.schema}.sample_writer IN SHARE ROW EXCLUSIVE MODE`);
        if (await this.older.isOneAlive(transaction, 'reads_blocks')) return;
        await transaction.query(`UPDATE ${this.schema}.sample_archive SET stores_blocks_since = clock_timestamp()`);
      });
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
    }
  }
}
