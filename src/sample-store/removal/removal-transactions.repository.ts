import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { CUSTOM_METRICS_DATA_SOURCE } from '../../database/data-source.token.js';
import { DatabaseSchema } from '../../database/schema/database-schema.js';
import { inTransaction } from '../../database/transaction.js';

/** The statement timeout is long enough for counting, which reads the log and the row of every block and chunk. */
const LIMITS = { statementTimeoutMs: 60_000, idleTimeoutMs: 20_000 };

/** Runs the transactions that delete the data of removed series. */
@Injectable()
export class RemovalTransactions {
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly schema: DatabaseSchema,
  ) {}

  /**
   * Runs a task unless another process has the lock.
   *
   * @returns whether the task has run
   */
  underLock(task: (manager: EntityManager) => Promise<unknown>): Promise<boolean> {
    return this.run(async (manager) => {
      const [lock]: [{ is_free: boolean }] = await manager.query('SELECT pg_try_advisory_xact_lock($1) AS is_free', [
        this.schema.lock('removedSamples'),
      ]);
      if (lock.is_free) await task(manager);
      return lock.is_free;
    });
  }

  run<T>(task: (manager: EntityManager) => Promise<T>): Promise<T> {
    return inTransaction(this.dataSource, LIMITS, ({ manager }) => task(manager));
  }
}
