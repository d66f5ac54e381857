import pg from 'pg';
import { SUPERUSER } from './state-files.js';

export interface ServerAddress {
  port: number;
  password: string;
}

const HOST = '127.0.0.1';
const CONNECT_TIMEOUT_MS = 10_000;
const INVALID_PASSWORD = '28P01';
const UNKNOWN_DATABASE = '3D000';
/** CREATE DATABASE of a name that another start creates at this moment. */
const ALREADY_CREATED = new Set(['42P04', '23505']);

export function databaseUrl({ port, password }: ServerAddress, database: string): string {
  return `postgres://${SUPERUSER}:${password}@${HOST}:${port}/${encodeURIComponent(database)}`;
}

/**
 * Creates the database if it is missing, and proves by that that the server answers.
 *
 * @returns the version of the server, for example '18.4'
 */
export async function ensureDatabase(address: ServerAddress, database: string): Promise<string> {
  try {
    return await withClient(address, database, readVersion);
  } catch (error) {
    if (codeOf(error) !== UNKNOWN_DATABASE) throw error;
  }
  return withClient(address, 'postgres', async (client) => {
    try {
      await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`);
    } catch (error) {
      if (!ALREADY_CREATED.has(codeOf(error) ?? '')) throw error;
    }
    return readVersion(client);
  });
}

/** Whether the server runs but does not know our password. */
export function isWrongPassword(error: unknown): boolean {
  return codeOf(error) === INVALID_PASSWORD;
}

/** Whether the server may answer in a moment: it starts up, shuts down, restarts, or has no connection left. */
export function isPassing(error: unknown): boolean {
  const code = codeOf(error);
  const isSqlState = code !== undefined && /^[0-9A-Z]{5}$/.test(code);
  return !isSqlState || code.startsWith('57P') || code.startsWith('08') || code === '53300';
}

async function withClient<Result>(
  { port, password }: ServerAddress,
  database: string,
  use: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({
    host: HOST,
    port,
    user: SUPERUSER,
    password,
    database,
    // Else pg takes it from a PGSSLMODE of the environment, which was meant for another server.
    ssl: false,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  // A server that goes away between two queries must fail the query and not the whole process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function readVersion(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
  // Distributions append their own: "15.18 (Debian 15.18-0+deb12u1)".
  return rows[0]?.server_version.split(' ')[0] ?? '';
}

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string } | undefined)?.code;
}
