import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import pg from 'pg';
import { eventually } from '../support/eventually.js';
import { push, startServer, type TestServer } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const OPEN_FILES = 256;
const IDLE_CLIENTS = 300;

/** What 256 open files leave for clients, after the connections to Postgres and a reserve. */
const MOST_CLIENTS = 182;

/** Maximum time for a push on a busy machine; without one, it takes a hundredth of that. Silent clients may stay for ten seconds. */
const LIMIT_MS = 2_000;

/** The shell limits itself, and the server after it. */
const LAUNCHER = ['sh', '-c', `ulimit -n ${OPEN_FILES} && exec "$@"`, 'sh'];

describe('a server that is started with a limit of 256 open files', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let server: TestServer;
  const idle: Socket[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    server = await startServer({ DATABASE_URL: database.url }, undefined, LAUNCHER);
  });

  afterAll(async () => {
    for (const socket of idle) socket.destroy();
    const code = await server.stop();
    await client.end();
    await database.drop();
    expect(code).toBe(0);
  });

  /** Pushes over a connection of its own. Returns the status, or undefined if the connection was refused. */
  async function pushOne(): Promise<number | undefined> {
    const answer = await push(server, [{ name: 'few_total', value: 1 }], { Connection: 'close' }).catch(
      () => undefined,
    );
    return answer?.status;
  }

  /** Opens connections that send nothing, and waits until the server has accepted or refused them. */
  async function openIdle(count: number): Promise<void> {
    const { hostname, port } = new URL(server.url);
    const opened = Array.from({ length: count }, () =>
      // A socket that is not read does not notice that the server has closed it.
      connect(Number(port), hostname)
        .on('error', () => undefined)
        .resume(),
    );
    idle.push(...opened);
    await eventually(() => expect(opened.filter(({ connecting }) => connecting)).toEqual([]));
  }

  const openClients = () => idle.filter(({ readyState }) => readyState === 'open').length;

  const openFiles = () => readdirSync(`/proc/${server.process.pid}/fd`).length;

  async function endSessions(): Promise<number> {
    const { rowCount } = await client.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    return rowCount!;
  }

  it('says at the start how many clients it takes', () => {
    expect(server.output()).toContain(
      `Up to ${MOST_CLIENTS} concurrent client connections; the process may have ${OPEN_FILES} open files.`,
    );
  });

  it('opens connections to Postgres beside as many idle clients as it takes', async () => {
    await openIdle(MOST_CLIENTS - 12);
    // After ten seconds without a request the server closes them.
    expect(openClients()).toBeGreaterThan(MOST_CLIENTS - 20);
    for (let times = 0; times < 2; times++) {
      expect(await endSessions()).toBeGreaterThan(0);
      await eventually(async () => expect(await pushOne()).toBe(202), { limitMs: 5_000 });
    }
    expect(openFiles()).toBeLessThan(OPEN_FILES);
  });

  it('takes the pushes of a new client at once although 300 clients send nothing or half a head', async () => {
    await openIdle(IDLE_CLIENTS);
    for (const socket of idle.filter((_, index) => index % 2 === 0)) socket.write('GET /health/live HTTP/1.1\r\n');
    await eventually(() => expect(server.output()).toContain('HTTP_MAX_CONNECTIONS'));
    await eventually(() => expect(openClients()).toBeLessThanOrEqual(MOST_CLIENTS), { limitMs: 5_000 });
    expect(openFiles()).toBeLessThan(OPEN_FILES - 10);
    const times: number[] = [];
    for (let client = 0; client < 3; client++) {
      const startedAt = performance.now();
      expect(await pushOne()).toBe(202);
      times.push(performance.now() - startedAt);
      await openIdle(1);
    }
    expect(Math.max(...times)).toBeLessThan(LIMIT_MS);
    // All connections were still taken, and these clients have not lost theirs because their time was over.
    expect(openClients()).toBeGreaterThan(MOST_CLIENTS - 20);
    expect(await endSessions()).toBeGreaterThan(0);
    await eventually(async () => expect(await pushOne()).toBe(202), { limitMs: 5_000 });
    expect(server.output()).not.toMatch(/EMFILE|ENFILE/);
  });
});
