import type { DataSource, QueryRunner } from 'typeorm';

/**
 * The ways in which a statement can fail: Postgres never receives it, its answer is lost, or the connection is lost before it is
 * sent.
 */
export type Fault = 'not sent' | 'no answer' | 'connection lost';

/**
 * Makes a chosen statement of a DataSource fail. Statements are counted in the order in which they are sent, on all connections.
 */
export class StatementFaults {
  /** Number of statements since the faults were armed. */
  sent = 0;
  private failing = -1;
  private fault: Fault = 'not sent';
  private isArmed = false;
  /** Runs before each statement while faults are armed. */
  beforeEach: (statement: string) => Promise<void> = () => Promise.resolve();

  constructor(dataSource: DataSource) {
    const create = dataSource.createQueryRunner.bind(dataSource);
    dataSource.createQueryRunner = (mode) => this.watch(create(mode));
  }

  /** @param failing the index of the statement that fails; -1 if none does */
  arm(failing = -1, fault: Fault = 'not sent'): void {
    [this.failing, this.fault, this.sent, this.isArmed] = [failing, fault, 0, true];
  }

  disarm(): void {
    this.isArmed = false;
  }

  private watch(runner: QueryRunner): QueryRunner {
    const query = runner.query.bind(runner) as (sql: string, ...rest: unknown[]) => Promise<unknown>;
    runner.query = (async (sql: string, ...rest: unknown[]) => {
      // A failed transaction has to be rolled back.
      if (!this.isArmed || sql === 'ROLLBACK') return query(sql, ...rest);
      await this.beforeEach(sql);
      if (this.sent++ !== this.failing) return query(sql, ...rest);
      if (this.fault === 'no answer') await query(sql, ...rest);
      if (this.fault === 'connection lost')
        await query('SELECT pg_terminate_backend(pg_backend_pid())').catch(() => undefined);
      throw new Error(`Fault at statement ${this.failing}: ${this.fault}`);
    }) as QueryRunner['query'];
    return runner;
  }
}
