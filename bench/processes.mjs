// Starts the programs that a benchmark measures, each in a separate process.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '..');
export const DIST = path.resolve(ROOT, process.env.DIST_DIR ?? 'dist');
export const TOKEN = `bench:development.${'b'.repeat(56)}`;
export const READ_TOKEN = `*:*.${'a'.repeat(56)}`;

/** The memory flag that `npm start` sets. Both sides of a comparison get it. */
const NODE_FLAGS = ['--max-semi-space-size=32'];

async function start(args, env, pattern) {
  const child = spawn(process.execPath, [...NODE_FLAGS, ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  const url = await new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      text += chunk;
      const found = pattern.exec(text)?.[1];
      if (found) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code}:\n${text}`)));
  });
  return {
    url,
    pid: child.pid,
    stop: async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

export const startParseServer = () => start([path.join(ROOT, 'bench/parse-server.mjs')], {}, /ready at (http:\S+)/);

/** The program of the service. A build of an earlier version in DIST_DIR has only the file that is not bundled. */
const PROGRAM = ['server/main.js', 'src/server/main.js']
  .map((file) => path.join(DIST, file))
  .find((file) => existsSync(file));

/** Starts the compiled service, or that of another build, without a rate limit. */
export const startService = (databaseUrl, env = {}, program = PROGRAM) =>
  start(
    [...(process.env.SERVICE_NODE_ARGS?.split(' ') ?? []), program],
    {
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'warn',
      DATABASE_URL: databaseUrl,
      INGEST_RATE_LIMIT_PER_MINUTE: '0',
      INIT_BACKEND_API_TOKENS: TOKEN,
      INIT_ADMIN_API_TOKENS: READ_TOKEN,
      ...env,
    },
    /ready at (http:\S+)/,
  );

/**
 * Creates a separate database on the server of BENCH_DATABASE_URL, whose user must be allowed to create databases. Without that
 * variable, the database is created on an embedded Postgres.
 */
export async function createDatabase() {
  const pg = (await import('pg')).default;
  const name = `bench_${process.pid}_${Date.now()}`;
  const folder = mkdtempSync(path.join(os.tmpdir(), 'custom-metrics-bench-'));
  let embedded;
  if (!process.env.BENCH_DATABASE_URL) {
    const { startEmbeddedPostgres } = await import(path.join(DIST, 'src/server/embedded-postgres/index.js'));
    embedded = await startEmbeddedPostgres({ dataDir: path.join(folder, 'postgres') });
  }
  const adminUrl = process.env.BENCH_DATABASE_URL ?? embedded.url;
  const query = async (sql) => {
    const client = new pg.Client({ connectionString: adminUrl });
    await client.connect();
    const result = await client.query(sql);
    await client.end();
    return result;
  };
  await query(`CREATE DATABASE ${name}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: async () => {
      await query(`DROP DATABASE ${name} WITH (FORCE)`);
      await embedded?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
