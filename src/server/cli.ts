#!/usr/bin/env node
import './process/require-supported-node.js';
import { parseArgs } from 'node:util';
import path from 'node:path';
import { DataSource } from 'typeorm';
import { type ExplorerOfSettings, runTokenCommand, TOKEN_USAGE } from './token-commands.js';
import { InvalidEnvironmentError } from './config/invalid-environment.error.js';
import { loadSettings } from './config/settings.js';
import { boundDataSource } from '../database/connections/bounded-data-source.js';
import { connectionOptions } from '../database/connections/connection-options.js';
import type { ServerDatabase } from './app.module.js';
import { ArchiveRepository } from '../sample-store/archive/archive.repository.js';
import { undoLaterTurns } from '../sample-store/archive/turns/restored-turns.js';
import { localUrl } from './local-url.js';
import { findSchema, migrate } from './database/migrate.js';
import { waitForDatabase } from './database/wait-for-database.js';
import { UsageError } from './usage.error.js';

/** Maximum time for a statement, because a person is waiting at the terminal. */
const STATEMENT_TIMEOUT_MS = 30_000;

const USAGE = `Usage:
  custom-metrics migrate
  custom-metrics after-restore
${TOKEN_USAGE}`;

/** Runs a task on the database of the server, whether or not the server is running. */
async function withDatabase(task: (database: ServerDatabase) => Promise<void>): Promise<void> {
  const { database } = loadSettings();
  if (database.url !== undefined) {
    const say = { log: () => undefined, warn: (message: unknown) => console.error(message) };
    await waitForDatabase(database.url, database.startWaitSeconds, say);
    return task({ url: database.url, schema: await findSchema(database.url, database.schema) });
  }
  // The module is imported only here, because an image without the optional packages must also start.
  const { startEmbeddedPostgres } = await import('./embedded-postgres/index.js');
  const embedded = await startEmbeddedPostgres({ dataDir: path.resolve(database.dataDir, 'postgres') });
  try {
    await task({ url: embedded.url, schema: await findSchema(embedded.url, database.schema) });
  } finally {
    await embedded.stop();
  }
}

async function onDataSource(url: string, task: (dataSource: DataSource) => Promise<void>): Promise<void> {
  const dataSource = await new DataSource(connectionOptions(url, 2)).initialize();
  try {
    await task(boundDataSource(dataSource, STATEMENT_TIMEOUT_MS));
  } finally {
    await dataSource.destroy();
  }
}

/** Returns the address of the explorer according to the settings; undefined if the explorer is switched off. */
function explorerAddress(): ExplorerOfSettings | undefined {
  const { explorer, http } = loadSettings();
  if (!explorer.explorer) return undefined;
  // With port 0, the server listens on any free port, so the settings do not say on which.
  const url = explorer.publicUrl ?? (http.port === 0 ? undefined : localUrl(http.host, http.port));
  return { url, path: explorer.path };
}

async function run([command, ...rest]: readonly string[]): Promise<void> {
  switch (command) {
    case 'migrate':
      parseArgs({ args: rest, options: {} });
      return withDatabase(async ({ url, schema }) => {
        const names = await migrate(url, schema.name);
        console.log(names.length === 0 ? 'The database is up to date.' : `Migrated: ${names.join(', ')}`);
      });
    case 'tokens':
      return withDatabase(async ({ url, schema }) => {
        await migrate(url, schema.name);
        await onDataSource(url, async (dataSource) => {
          console.log(await runTokenCommand(rest, dataSource, schema, explorerAddress()));
        });
      });
    case 'after-restore':
      parseArgs({ args: rest, options: {} });
      return withDatabase(async ({ url, schema }) => {
        await migrate(url, schema.name);
        await onDataSource(url, async (dataSource) => {
          const { deleted, revived } = await undoLaterTurns(new ArchiveRepository(dataSource, schema), schema);
          console.log(
            deleted + revived === 0
              ? 'No merged block is newer than the restored database.'
              : `Deleted ${deleted} merged blocks that are newer than the restored database, and took back ${revived} that they had replaced.`,
          );
        });
      });
    case undefined:
      throw new UsageError('No command was given.');
    default:
      throw new UsageError(`There is no command ${command}.`);
  }
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
  if (isUsage) console.error(`${(error as Error).message}\n\n${USAGE}`);
  else if (error instanceof InvalidEnvironmentError) console.error(error.message);
  else console.error(error instanceof Error ? error.message : error);
  process.exitCode = isUsage ? 64 : 1;
}
