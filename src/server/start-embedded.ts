import path from 'node:path';
import { Logger } from '@nestjs/common';
import type { Settings } from './config/settings.js';
import type { EmbeddedPostgres } from './embedded-postgres/index.js';

const logger = new Logger('Server');

/** Starts the Postgres that a server without DATABASE_URL uses. */
export async function startEmbedded(settings: Pick<Settings, 'database'>): Promise<EmbeddedPostgres> {
  const dataDir = path.resolve(settings.database.dataDir, 'postgres');
  // The module is imported only here, because an image without the optional packages must also start.
  const { startEmbeddedPostgres } = await import('./embedded-postgres/index.js');
  const embedded = await startEmbeddedPostgres({
    dataDir,
    isKeptRunning: true,
    log: (message) => logger.log(message),
    logError: (message) => logger.error(message),
  });
  logger.warn(
    `DATABASE_URL is not set: using an embedded Postgres ${embedded.version} with its data in ${dataDir}. ` +
      'That is for evaluation and tests; set DATABASE_URL in production.',
  );
  return embedded;
}
