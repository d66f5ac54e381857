import type { DatabaseSchema } from '../../../database/schema/database-schema.js';
import type { ArchiveTransaction } from '../archive.repository.js';
import type { TimeSpan } from '../chunk/chunk-partitions.js';

/** Undoes turns that are later than the newest one that counts. */
export class RestoredTurnsRepository {
  constructor(private readonly schema: DatabaseSchema) {}

  /** Makes sure that no number of a turn that has left blocks is used again. */
  async skipUsedTurns(transaction: ArchiveTransaction): Promise<void> {
    const [used]: [{ newest: string | null }] = await transaction.query(
      `SELECT greatest(max(turn), max(replaced_turn))::text AS newest FROM ${this.schema}.sample_block_merged`,
    );
    await transaction.query(`UPDATE ${this.schema}.sample_merge SET tried_turn = greatest(tried_turn, $1::int8)`, [
      used.newest,
    ]);
  }

  /** Deletes the blocks of later turns in one partition, and takes their marks from the others. */
  async undo(
    transaction: ArchiveTransaction,
    { from, to }: TimeSpan,
  ): Promise<{ readonly deleted: number; readonly revived: number }> {
    const [state]: [{ turn: string }] = await transaction.query(`SELECT turn::text FROM ${this.schema}.sample_merge`);
    const parameters = [state.turn, new Date(from), new Date(to)];
    const [, deleted]: [unknown, number] = await transaction.query(
      `DELETE FROM ${this.schema}.sample_block_merged WHERE end_at >= $2 AND end_at < $3 AND turn > $1::int8`,
      parameters,
    );
    const [, revived]: [unknown, number] = await transaction.query(
      `UPDATE ${this.schema}.sample_block_merged SET replaced_turn = NULL
       WHERE end_at >= $2 AND end_at < $3 AND replaced_turn > $1::int8`,
      parameters,
    );
    return { deleted, revived };
  }
}
