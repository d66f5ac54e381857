import { Injectable } from '@nestjs/common';
import { DatabaseSchema } from '../../../database/schema/database-schema.js';
import type { ArchiveTransaction } from '../archive.repository.js';
import type { TimeSpan } from '../chunk/chunk-partitions.js';
import { CHANGE_GUARD } from '../stored-blocks/hand-over.repository.js';

/** For how long replaced blocks stay, because a reader that began before may still need them. No query runs that long. */
const KEPT = `interval '1 day'`;

const GUARD_LOCK_TIMEOUT_MS = 500;

/** What a sweep deletes. */
export interface DueSweep {
  /** Blocks that were replaced up to this turn are deleted, and those that abandoned turns up to it have written. */
  readonly until: string;
  /** The ranges of abandoned turns. */
  readonly abandoned: string;
}

/** Deletes merged blocks that are not current and that nobody reads any more. */
@Injectable()
export class TurnSweepRepository {
  constructor(private readonly schema: DatabaseSchema) {}

  /** @returns undefined if the last sweep was less than a day ago, or if no turn counts yet */
  async findDue(transaction: ArchiveTransaction): Promise<DueSweep | undefined> {
    const [due]: (DueSweep | undefined)[] = await transaction.query(
      `SELECT sweep_turn::text AS until, abandoned::text FROM ${this.schema}.sample_merge
       WHERE begun_at IS NOT NULL AND sweep_at < now() - ${KEPT}`,
    );
    return due;
  }

  /**
   * Removes the trigger that refuses older versions. It would refuse the sweep as well. This needs a moment in which nobody reads merged blocks,
   * for which it does not wait long, because new queries wait as well.
   */
  async removeGuard(transaction: ArchiveTransaction): Promise<void> {
    const guards: unknown[] = await transaction.query(
      'SELECT 1 FROM pg_trigger WHERE tgrelid = to_regclass($1) AND tgname = $2',
      [`${this.schema}.sample_block_merged`, CHANGE_GUARD],
    );
    if (guards.length === 0) return;
    await transaction.query(`SET LOCAL lock_timeout = ${GUARD_LOCK_TIMEOUT_MS}`);
    await transaction.query(`DROP TRIGGER ${CHANGE_GUARD} ON ${this.schema}.sample_block_merged`);
  }

  /**
   * Deletes from one partition, and removes the marks of abandoned turns from the blocks that stay.
   *
   * @returns the number of deleted blocks
   */
  async sweep(
    transaction: ArchiveTransaction,
    { until, abandoned }: DueSweep,
    { from, to }: TimeSpan,
  ): Promise<number> {
    const parameters = [until, abandoned, new Date(from), new Date(to)];
    const [, replaced]: [unknown, number] = await transaction.query(
      `DELETE FROM ${this.schema}.sample_block_merged
       WHERE end_at >= $3 AND end_at < $4 AND replaced_turn <= $1::int8 AND NOT $2::int8multirange @> replaced_turn`,
      parameters,
    );
    // The limits of all ranges let Postgres find them in the primary key, which is much smaller than the blocks.
    const [, abandonedBlocks]: [unknown, number] = await transaction.query(
      `DELETE FROM ${this.schema}.sample_block_merged
       WHERE end_at >= $3 AND end_at < $4 AND turn <= $1::int8 AND $2::int8multirange @> turn
         AND turn >= lower($2::int8multirange) AND turn < upper($2::int8multirange)`,
      parameters,
    );
    await transaction.query(
      `UPDATE ${this.schema}.sample_block_merged SET replaced_turn = NULL
       WHERE end_at >= $3 AND end_at < $4 AND replaced_turn <= $1::int8 AND $2::int8multirange @> replaced_turn`,
      parameters,
    );
    return replaced + abandonedBlocks;
  }

  /**
   * Notes that a sweep is complete. The next one deletes what is replaced by now.
   *
   * Abandoned turns are forgotten a sweep later than their blocks are deleted: if a server was away when a turn was abandoned, blocks of
   * that turn may appear when the server is back.
   */
  async finish(transaction: ArchiveTransaction, { until }: DueSweep): Promise<void> {
    await transaction.query(
      `UPDATE ${this.schema}.sample_merge
       SET abandoned = abandoned - int8multirange(int8range(NULL, swept_turn, '[]')),
           swept_turn = sweep_turn, sweep_turn = turn, sweep_at = now()
       WHERE sweep_turn = $1`,
      [until],
    );
  }
}
