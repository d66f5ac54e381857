import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startSwitchedProxy, type SwitchedProxy } from './switched-proxy.js';

/** The coordinator of a Citus cluster, with a user that may create databases and extensions; undefined without one. */
export const CITUS_URL = process.env.TEST_CITUS_URL;

/**
 * Returns a function that declares a test of something which a cluster can't do. With `TEST_CITUS_URL`, the test is skipped, and its
 * title says why.
 *
 * @param refusal completes the sentence "Citus refuses …"
 */
export function withoutCitus(refusal: string): (title: string, body: () => Promise<void>) => void {
  const [declare, reason] =
    CITUS_URL === undefined ? [test, ''] : [test.skip, ` (skipped, because Citus refuses ${refusal})`];
  return (title, body) => declare(title + reason, body);
}

/** Completes the reason why a migration that Postgres can undo is not undone on a cluster. */
export const UNDOING_REFUSED = 'to change the primary key and the columns of a distributed table in one statement';

/** The database that test/setup/citus-template.mjs has created on every server. */
const TEMPLATE_DATABASE = 'template_distributed';

const OBJECT_IN_USE = '55006';

/** A port at which nothing listens. */
const NO_PORT = 1;

/** A server that stores a part of the merged blocks. */
export interface CitusWorker {
  /** The port at which the coordinator reaches it. */
  readonly port: number;
  /** Breaks all connections to it, and lets new ones fail. */
  cut(): void;
  restore(): void;
}

/** A migrated database with distributed merged blocks, on all servers of a cluster. */
export interface CitusDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A database whose workers can be cut off. */
export interface DivisibleCitusDatabase extends CitusDatabase {
  readonly workers: readonly CitusWorker[];
}

/** Creates a database on each server of the cluster. */
export async function createCitusDatabase(citusUrl: string): Promise<CitusDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  const workers = await workersOf(citusUrl);
  const servers = [citusUrl, ...workers.map(({ nodename, nodeport }) => at(citusUrl, nodename, nodeport))];
  for (const server of servers) await query(server, `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE_DATABASE}`);
  const url = new URL(citusUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: async () => {
      for (const server of servers) await dropDatabase(server, name);
    },
  };
}

/** Creates such a database with a proxy in front of each worker. All servers must be on this machine. */
export async function createDivisibleCitusDatabase(citusUrl: string): Promise<DivisibleCitusDatabase> {
  const database = await createCitusDatabase(citusUrl);
  const workers: (CitusWorker & { readonly proxy: SwitchedProxy })[] = [];
  for (const { nodeid, nodeport } of await workersOf(database.url)) {
    const proxy = await startSwitchedProxy(nodeport);
    await query(database.url, `SELECT citus_update_node($1, '127.0.0.1', $2)`, [nodeid, proxy.port]);
    workers.push({
      proxy,
      port: proxy.port,
      cut: () => proxy.switchTo(NO_PORT),
      restore: () => proxy.switchTo(nodeport),
    });
  }
  return {
    ...database,
    workers,
    drop: async () => {
      for (const { proxy } of workers) await proxy.stop();
      await database.drop();
    },
  };
}

/** FORCE does not end the processes with which Citus itself looks into a database for a moment. */
async function dropDatabase(server: string, name: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await query(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== OBJECT_IN_USE || tries === 50) throw error;
      await sleep(100);
    }
  }
}

function workersOf(url: string): Promise<{ nodeid: number; nodename: string; nodeport: number }[]> {
  return query(
    url,
    `SELECT nodeid, nodename, nodeport FROM pg_dist_node WHERE groupid <> 0 AND noderole = 'primary' ORDER BY nodeid`,
  );
}

function at(url: string, host: string, port: number): string {
  const other = new URL(url);
  other.hostname = host;
  other.port = String(port);
  return other.href;
}

async function query<Row extends object>(url: string, sql: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}
