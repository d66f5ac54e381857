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
/** The SQLSTATEs of a CREATE DATABASE that fails because another start has created the same database at the same time. */
const ALREADY_CREATED = new Set(['42P04', '23505']);

export function databaseUrl({ port, password }: ServerAddress, database: string): string {
  return `postgres://${SUPERUSER}:${password}@${HOST}:${port}/${encodeURIComponent(database)}`;
}

/**
 * Creates the database if it is missing, which also proves that the server answers.
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

/** Returns whether an error means that the server runs but has another password. */
export function isWrongPassword(error: unknown): boolean {
  return codeOf(error) === INVALID_PASSWORD;
}

/**
 * Returns whether an attempt after this error may succeed soon, because the server is starting, stopping or restarting, or has no
 * free connection.
 */
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
    // Otherwise pg would use PGSSLMODE from the environment, which is meant for another server.
    ssl: false,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  // If the server disappears between two queries, only the next query must fail, and not the whole process.
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
  // Distributions append their own version, as in "15.18 (Debian 15.18-0+deb12u1)".
  return rows[0]?.server_version.split(' ')[0] ?? '';
}

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string } | undefined)?.code;
}
