import { setTimeout as sleep } from 'node:timers/promises';
import type { LoggerService } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { connectionOptions } from '../../database/connections/connection-options.js';
import { databaseMessageOf, DatabaseTimeoutError, isOutage, withDeadline } from '../../database/outage.js';

const PAUSE_MS = 500;
const ATTEMPT_DEADLINE_MS = 5_000;

/** Thrown when Postgres can't be used within the time that a start may wait. The message is for the operator. */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError';
}

/**
 * Waits until Postgres accepts the login and is writable. In Docker Compose or Kubernetes, all services start at the same time,
 * and a Postgres that recovers from a crash refuses connections for a while.
 *
 * @param url the URL, which is never logged, because it contains the password
 * @throws DatabaseUnavailableError when the time is up; an error that waiting can't fix is thrown immediately
 */
export async function waitForDatabase(
  url: string,
  waitSeconds: number,
  logger: Pick<LoggerService, 'log' | 'warn'>,
): Promise<void> {
  const giveUpAt = performance.now() + waitSeconds * 1000;
  for (let attempt = 1; ; attempt++) {
    try {
      await withDeadline(assertWritable(url), ATTEMPT_DEADLINE_MS);
      if (attempt > 1) logger.log('Postgres can be used now.', 'Server');
      return;
    } catch (error) {
      if (!isOutage(error)) throw error;
      const reason = databaseMessageOf(error);
      if (performance.now() + PAUSE_MS > giveUpAt) {
        throw new DatabaseUnavailableError(
          `Postgres at ${hostOf(url)} could not be used for ${waitSeconds} s (DATABASE_START_WAIT_SECONDS): ${reason}. ` +
            'Start the service again when Postgres is available.',
        );
      }
      if (attempt === 1)
        logger.warn(`Waiting up to ${waitSeconds} s for Postgres at ${hostOf(url)}: ${reason}`, 'Server');
    }
    await sleep(PAUSE_MS);
  }
}

async function assertWritable(url: string): Promise<void> {
  const dataSource = new DataSource(connectionOptions(url, 1));
  try {
    await dataSource.initialize();
    const [row]: [{ transaction_read_only: string }] = await dataSource.query('SHOW transaction_read_only');
    if (row.transaction_read_only === 'on') throw new DatabaseTimeoutError('it is read-only, like a standby');
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy();
  }
}

function hostOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}
