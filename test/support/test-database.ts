import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { CITUS_URL, createCitusDatabase } from './citus-database.js';

const TEMPLATE_DATABASE = 'template_migrated';
const UNKNOWN_DATABASE = '3D000';

export interface TestDatabase {
  url: string;
  /** Drops the database, and ends the connections that a failed test has left open. */
  drop(): Promise<void>;
}

/**
 * Creates a separate, migrated database for the caller on the server of this test run, or with distributed merged blocks on the Citus
 * cluster of `TEST_CITUS_URL`. With `isEmpty`, it has no tables.
 * `options` are further options of CREATE DATABASE, some of which only an empty database can have.
 */
export async function createTestDatabase({ isEmpty = false, options = '' } = {}): Promise<TestDatabase> {
  if (CITUS_URL !== undefined && !isEmpty) return createCitusDatabase(CITUS_URL);
  const name = `test_${randomBytes(8).toString('hex')}`;
  const template = isEmpty ? 'template0' : TEMPLATE_DATABASE;
  await queryServer(`CREATE DATABASE ${name} TEMPLATE ${template} ${options}`).catch(
    async (error: { code?: string }) => {
      if (error.code !== UNKNOWN_DATABASE) throw error;
      await queryServer(`CREATE DATABASE ${name}`);
    },
  );
  const url = new URL(serverUrl());
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () => queryServer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

async function queryServer(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl() });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function serverUrl(): string {
  const url = process.env.TEST_POSTGRES_URL;
  if (!url) throw new Error('TEST_POSTGRES_URL is not set: this needs the "e2e" project of jest');
  return url;
}
