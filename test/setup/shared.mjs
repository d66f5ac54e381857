import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import pg from 'pg';
import { createCitusTemplate, dropCitusTemplate } from './citus-template.mjs';
import { startReferenceParser } from './reference-parser.mjs';

const TEMPLATE_DATABASE = 'template_migrated';
const FOLDER_PREFIX = 'custom-metrics-tests-';

const projectFolder = fileURLToPath(new URL('../..', import.meta.url));
const distFolder = resolve(projectFolder, process.env.DIST_DIR ?? 'dist');

/** Starts what all test files of a run share: a Postgres and a reference parser. */
export default async function startShared() {
  await startPostgres();
  if (process.env.TEST_CITUS_URL) await prepareCitus(process.env.TEST_CITUS_URL);
  // shared-stop.mjs uses this, and runs in the same process.
  globalThis.stopReferenceParser = await startReferenceParser();
}

/**
 * Starts one Postgres for the whole run, because starting one takes a second, while creating a database on it takes about 30 ms.
 * Test files create their own databases on it (test/support/test-database.ts) and find its address in TEST_POSTGRES_URL.
 */
async function startPostgres() {
  const server = process.env.TEST_DATABASE_URL ? useGivenServer(process.env.TEST_DATABASE_URL) : await startServer();
  // shared-stop.mjs uses this, and runs in the same process.
  globalThis.testPostgres = server;
  try {
    await createMigratedTemplate(server.url);
  } catch (error) {
    await server.stop();
    throw error;
  }
  process.env.TEST_POSTGRES_URL = server.url;
}

/** Lets test files create their databases on a Citus cluster. The Postgres of the run is for those that begin with an empty database. */
async function prepareCitus(url) {
  const { migrate } = await importFromDist('src/server/database/migrate.js');
  await createCitusTemplate(url, migrate);
  // shared-stop.mjs uses this, and runs in the same process.
  globalThis.dropCitusTemplate = () => dropCitusTemplate(url);
}

function useGivenServer(url) {
  return { url, stop: () => query(url, `DROP DATABASE IF EXISTS ${TEMPLATE_DATABASE} WITH (FORCE)`) };
}

async function startServer() {
  const { startEmbeddedPostgres } = await importFromDist('src/server/embedded-postgres/index.js');
  await removeFoldersOfKilledRuns();
  const folder = await mkdtemp(join(tmpdir(), `${FOLDER_PREFIX}${process.pid}-`));
  const removeFolder = () => rm(folder, { recursive: true, force: true, maxRetries: 10 });
  try {
    const server = await startEmbeddedPostgres({
      dataDir: join(folder, 'postgres'),
      database: 'postgres',
      ephemeral: true,
    });
    return { url: server.url, stop: () => server.stop().finally(removeFolder) };
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

/**
 * Creates the template of every test database, with the schema that `migrate(url)` of the build creates. Does nothing if there is
 * no build.
 */
async function createMigratedTemplate(adminUrl) {
  if (!existsSync(join(distFolder, 'src/server/database/migrate.js'))) return;
  const { migrate } = await importFromDist('src/server/database/migrate.js');
  await query(adminUrl, `DROP DATABASE IF EXISTS ${TEMPLATE_DATABASE} WITH (FORCE)`);
  await query(adminUrl, `CREATE DATABASE ${TEMPLATE_DATABASE}`);
  const url = new URL(adminUrl);
  url.pathname = `/${TEMPLATE_DATABASE}`;
  await migrate(url.href);
}

async function importFromDist(path) {
  const file = join(distFolder, path);
  if (!existsSync(file)) throw new Error(`${file} is missing: these tests run the build. Run "npm run build" first.`);
  return import(pathToFileURL(file).href);
}

async function query(url, sql) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Removes the folders of killed runs. Ctrl-C ends a run without teardown. Its server ends as well, but the folder stays. */
async function removeFoldersOfKilledRuns() {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(FOLDER_PREFIX) ? Number.parseInt(name.slice(FOLDER_PREFIX.length), 10) : undefined;
    if (pid && !isAlive(pid)) await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined);
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
