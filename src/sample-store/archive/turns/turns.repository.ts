import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type QueryRunner } from 'typeorm';
import { encodeInt4Array, encodeInt8Array } from '../../../database/binary/packed-array.js';
import { CUSTOM_METRICS_DATA_SOURCE } from '../../../database/data-source.token.js';
import { DatabaseSchema } from '../../../database/schema/database-schema.js';
import { inTransaction } from '../../../database/transaction.js';
import type { ArchiveTransaction } from '../archive.repository.js';
import { COUNTED_TURNS, isCurrentAt } from './current-blocks-sql.js';
import type { MergedKey, WrittenRows } from './merged-rows.js';

/**
 * The time limits of the transaction that writes merged blocks. They end it in time even if this process freezes, because it may hold
 * locks of rows that the next turn needs.
 */
const LIMITS = { statementTimeoutMs: 30_000, idleTimeoutMs: 20_000 };

/** Maximum wait for a lock. Nothing but the remains of an abandoned turn holds the locks of these rows. */
const LOCK_TIMEOUT_MS = 5_000;

/**
 * For how long the transaction of the archive may wait for the one that writes merged blocks. This is longer than that one may take, so
 * Postgres ends the transaction of the archive only if this process is frozen.
 */
const WAIT_FOR_WRITING_MS = 180_000;

/** Which turns count. */
export interface MergeState {
  /** The newest turn that counts. */
  readonly turn: string;
  /** The set of all turns that count, as text. */
  readonly counted: string;
}

/** A turn that was begun, and the turns that counted before it. */
export interface TriedTurn extends MergeState {
  readonly number: string;
}

/** Sends the statements of turns. */
@Injectable()
export class TurnsRepository {
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly schema: DatabaseSchema,
  ) {}

  /** Returns which turns count; undefined as long as a process of an older version may be alive. */
  async findState(transaction: ArchiveTransaction): Promise<MergeState | undefined> {
    const [state]: (MergeState | undefined)[] = await transaction.query(
      `SELECT turn::text, (${COUNTED_TURNS})::text AS counted FROM ${this.schema}.sample_merge WHERE begun_at IS NOT NULL`,
    );
    return state;
  }

  /** Lets the transaction of the archive wait for another one. */
  async waitForWriting(transaction: ArchiveTransaction): Promise<void> {
    await transaction.query(`SET LOCAL idle_in_transaction_session_timeout = ${WAIT_FOR_WRITING_MS}`);
  }

  /** Takes the next number and commits it at once, so that no later turn gets it again. */
  async tryTurn(): Promise<TriedTurn> {
    const [rows]: [TriedTurn[], number] = await this.dataSource.query(
      `UPDATE ${this.schema}.sample_merge SET tried_turn = tried_turn + 1
       RETURNING tried_turn::text AS number, turn::text, (${COUNTED_TURNS})::text AS counted`,
    );
    return rows[0]!;
  }

  /** Runs a task in a transaction of its own, which writes merged blocks. */
  inWriting<T>(task: (writing: QueryRunner) => Promise<T>): Promise<T> {
    return inTransaction(this.dataSource, LIMITS, async (writing) => {
      await writing.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
      return task(writing);
    });
  }

  /**
   * Marks current blocks as replaced by a turn. A block that a later turn has replaced is left alone, because the transaction may be the
   * remains of an abandoned turn. Ends are sent as times, because distributed tables can't be updated with an expression that depends on the
   * time zone, as a sum of a time and an interval may.
   */
  async markReplaced(
    writing: QueryRunner,
    { number, counted }: TriedTurn,
    blocks: readonly MergedKey[],
  ): Promise<void> {
    if (blocks.length === 0) return;
    const ends = blocks.map(({ endAt }) => new Date(endAt));
    const [, marked]: [unknown, number] = await writing.query(
      `UPDATE ${this.schema}.sample_block_merged AS block SET replaced_turn = $1
       FROM unnest($2::int4[], $3::timestamptz[], $4::int8[]) AS replaced (bucket, end_at, id)
       WHERE block.bucket = replaced.bucket AND block.id = replaced.id AND block.end_at = replaced.end_at
         AND block.end_at BETWEEN $5::timestamptz AND $6::timestamptz
         AND ${isCurrentAt('block', '$7::int8multirange')}
         AND (block.replaced_turn IS NULL OR block.replaced_turn < $1)`,
      [
        number,
        encodeInt4Array(Int32Array.from(blocks, ({ bucket }) => bucket)),
        ends,
        encodeInt8Array(Float64Array.from(blocks, ({ id }) => id)),
        new Date(Math.min(...ends.map(Number))),
        new Date(Math.max(...ends.map(Number))),
        counted,
      ],
    );
    if (marked !== blocks.length) {
      throw new Error(`Turn ${number} was to replace ${blocks.length} merged blocks, but found ${marked} of them.`);
    }
  }

  /**
   * Makes sure that all rows of a turn are stored. If the table is distributed, the commit is reported as successful even if it has failed
   * on another server.
   */
  async verify({ number }: TriedTurn, { inserted, replaced, buckets, ends }: WrittenRows): Promise<void> {
    if (inserted + replaced === 0) return;
    const [found]: [{ inserted: string; replaced: string }] = await this.dataSource.query(
      `SELECT count(*) FILTER (WHERE turn = $1) AS inserted, count(*) FILTER (WHERE replaced_turn = $1) AS replaced
       FROM ${this.schema}.sample_block_merged
       WHERE bucket = ANY($2::int4[]) AND end_at BETWEEN $3::timestamptz AND $4::timestamptz
         AND (turn = $1 OR replaced_turn = $1)`,
      [number, encodeInt4Array(Int32Array.from(buckets)), new Date(ends.first), new Date(ends.last)],
    );
    if (Number(found.inserted) === inserted && Number(found.replaced) === replaced) return;
    throw new Error(
      `Turn ${number} has written ${inserted} merged blocks and replaced ${replaced}, but ${found.inserted} and ${found.replaced} are stored.`,
    );
  }

  /**
   * Lets a turn count when the transaction is committed. All numbers between it and the previous one are abandoned. The transaction again gets
   * its usual limit for waiting.
   */
  async count(transaction: ArchiveTransaction, { number, turn }: TriedTurn): Promise<void> {
    const [, changed]: [unknown, number] = await transaction.query(
      `UPDATE ${this.schema}.sample_merge
       SET turn = $1, abandoned = abandoned + int8multirange(int8range(turn + 1, $1))
       WHERE tried_turn = $1 AND turn = $2 RETURNING set_config('idle_in_transaction_session_timeout', $3, true)`,
      [number, turn, String(LIMITS.idleTimeoutMs)],
    );
    if (changed !== 1) throw new Error(`Another turn than ${number} was begun meanwhile.`);
  }
}
