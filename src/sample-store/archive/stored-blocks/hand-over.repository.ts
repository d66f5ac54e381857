import { Injectable } from '@nestjs/common';
import { OlderProcessesRepository } from '../../../database/older-processes.repository.js';
import { isLockTimeout, isNotSupported } from '../../../database/outage.js';
import { DatabaseSchema } from '../../../database/schema/database-schema.js';
import { ArchiveRepository, type ArchiveTransaction } from '../archive.repository.js';

/**
 * Maximum wait for the lock on the writers. Heartbeats wait as long as this lock is requested or held. If it is not free, the
 * next turn tries again.
 */
const LOCK_TIMEOUT_MS = 500;

/** The trigger that refuses the statements by which older versions change merged blocks. `TurnSweep` removes it after a day. */
export const CHANGE_GUARD = 'sample_block_merged_turns_only';

/**
 * Decides when blocks are written instead of chunks, and when merged blocks are changed by turns. Processes of an older version
 * can't read blocks, or can't tell current merged blocks from others.
 */
@Injectable()
export class HandOverRepository {
  constructor(
    private readonly archive: ArchiveRepository,
    private readonly older: OlderProcessesRepository,
    private readonly schema: DatabaseSchema,
  ) {}

  /** Returns whether blocks are written. Once this is true, it stays true. */
  async storesBlocks(transaction: ArchiveTransaction): Promise<boolean> {
    const rows: unknown[] = await transaction.query(
      `SELECT 1 FROM ${this.schema}.sample_archive WHERE stores_blocks_since IS NOT NULL`,
    );
    return rows.length > 0;
  }

  /**
   * Starts the use of blocks and of turns, unless a process that does not know them is alive. Once the change is committed, the
   * database refuses such processes, even one that was only frozen. Because of the lock, either a process that is registering at
   * that moment waits for the decision, or the decision waits for that process.
   */
  async begin(): Promise<void> {
    try {
      await this.archive.withLock(async (transaction) => {
        const [begun]: [{ blocks: boolean; turns: boolean }] = await transaction.query(
          `SELECT stores_blocks_since IS NOT NULL AS blocks, begun_at IS NOT NULL AS turns
           FROM ${this.schema}.sample_archive, ${this.schema}.sample_merge`,
        );
        if (begun.blocks && begun.turns) return;
        await transaction.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
        await transaction.query(`LOCK TABLE ${this.schema}.sample_writer IN SHARE ROW EXCLUSIVE MODE`);
        if (!begun.blocks && !(await this.older.isOneAlive(transaction, 'reads_blocks'))) {
          await transaction.query(`UPDATE ${this.schema}.sample_archive SET stores_blocks_since = clock_timestamp()`);
        }
        if (!begun.turns && !(await this.older.isOneAlive(transaction, 'takes_turns')))
          await this.beginTurns(transaction);
      });
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
    }
  }

  private async beginTurns(transaction: ArchiveTransaction): Promise<void> {
    await transaction.query(
      `UPDATE ${this.schema}.sample_merge SET begun_at = clock_timestamp(), sweep_at = clock_timestamp()`,
    );
    const older: unknown[] = await transaction.query(
      `SELECT 1 FROM ${this.schema}.sample_writer WHERE NOT takes_turns LIMIT 1`,
    );
    if (older.length === 0) return;
    // An older process may be frozen instead of ended. It checks nothing before it merges or deletes blocks, so the trigger makes
    // such statements fail.
    await transaction.query('SAVEPOINT before_guard');
    try {
      await transaction.query(
        `CREATE TRIGGER ${CHANGE_GUARD} BEFORE DELETE OR UPDATE OF members ON ${this.schema}.sample_block_merged
         FOR EACH STATEMENT EXECUTE FUNCTION ${this.schema}.custom_metrics_refuse_change()`,
      );
    } catch (error) {
      // Citus refuses triggers on distributed tables. It also refuses those statements of older versions, which return or lock the rows
      // in ways that are impossible over several servers.
      if (!isNotSupported(error)) throw error;
      await transaction.query('ROLLBACK TO SAVEPOINT before_guard');
    }
  }
}
