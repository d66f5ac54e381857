import { Injectable } from '@nestjs/common';
import type { QueryRunner } from 'typeorm';
import { DatabaseSchema } from './schema/database-schema.js';
import { StoreUnavailableError } from './store-unavailable.error.js';

/**
 * An ability that a process of an older version may lack. Each ability is a column of `sample_writer`, which a process sets to
 * true in its own row if it has the ability.
 */
export type Ability = 'reads_blocks' | 'follows_corrections' | 'follows_renames' | 'takes_turns';

/** A process without a heartbeat for this long counts as ended; the heartbeat is renewed every minute. */
const ENDED_AFTER_SECONDS = 300;

/** Finds the processes of older versions that work on the same database, as during a rolling upgrade. */
@Injectable()
export class OlderProcessesRepository {
  constructor(private readonly schema: DatabaseSchema) {}

  /** Returns whether a process is alive that lacks an ability. */
  async isOneAlive(transaction: QueryRunner, ability: Ability): Promise<boolean> {
    const found: unknown[] = await transaction.query(
      `SELECT 1 FROM ${this.schema}.sample_writer
       WHERE NOT ${ability} AND alive_at > now() - make_interval(secs => ${ENDED_AFTER_SECONDS}) LIMIT 1`,
    );
    return found.length > 0;
  }

  /**
   * Runs a task, unless a process is alive that lacks an ability. This is checked again at the end, because such a process may
   * have started in the meantime, and would then have read the state from before the task.
   *
   * @param consequence a sentence that says what that process would do, and that nothing was done
   * @throws StoreUnavailableError if such a process is alive; the transaction is then rolled back
   */
  async runWithout<T>(
    transaction: QueryRunner,
    { ability, consequence }: { readonly ability: Ability; readonly consequence: string },
    task: () => Promise<T>,
  ): Promise<T> {
    await this.refuse(transaction, ability, consequence);
    const result = await task();
    await this.refuse(transaction, ability, consequence);
    return result;
  }

  private async refuse(transaction: QueryRunner, ability: Ability, consequence: string): Promise<void> {
    if (!(await this.isOneAlive(transaction, ability))) return;
    throw new StoreUnavailableError(
      `A process of an older version was alive within the last five minutes. ${consequence} Try again when all processes run the ` +
        'current version.',
      ENDED_AFTER_SECONDS,
    );
  }
}
