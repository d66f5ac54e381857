import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/server/embedded-postgres/index.js';
import { untilBlocked, untilIdle } from '../support/database-sessions.js';
import { eventually } from '../support/eventually.js';
import { ADMIN_TOKEN, type Item, push, scrape, startServer, type TestServer, valueOn } from '../support/server.js';
import { steadyPort } from '../support/steady-port.js';

const PUSHERS = 32;

/** A wait that is long enough for any machine to restart Postgres in the meantime. */
const LONG_STORE_WAIT = { STORE_WAIT_MS: '60000' };

describe('an outage of Postgres', () => {
  let folder: string;
  let postgres: EmbeddedPostgres;
  let server: TestServer | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'custom-metrics-outage-'));
    // The tests use a separate Postgres with fsync, because they kill it.
    postgres = await startEmbeddedPostgres({ dataDir: path.join(folder, 'postgres'), port: await steadyPort() });
  });

  afterEach(async () => {
    await server?.kill();
    server = undefined;
  });

  afterAll(async () => {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  /** Restarts Postgres at the same address, so that the server's connection string stays valid. */
  async function restart(): Promise<void> {
    postgres = await startEmbeddedPostgres({ dataDir: path.join(folder, 'postgres'), port: postgres.port });
  }

  /**
   * Pushes like a client that retries until it succeeds. With a short STORE_WAIT_MS, a busy machine may answer 503 at any time.
   */
  async function pushUntilTaken(items: readonly Item[]): Promise<void> {
    await eventually(async () => expect((await push(server!, items)).status).toBe(202));
  }

  async function pushThrough(target: TestServer, outage: () => Promise<void>, prefix: string) {
    const acknowledged: number[] = [];
    const failures: string[] = [];
    let isOver = false;
    let next = 1;
    const pushers = Array.from({ length: PUSHERS }, async () => {
      while (!isOver) {
        const marker = next++;
        try {
          const response = await push(target, [
            { name: `${prefix}_marker`, value: marker },
            { name: `${prefix}_total`, value: 0.25 },
            // Pushes of new series also have to wait and must not fail.
            { name: `${prefix}_new_total`, value: 1, labels: { tenth: String(marker - (marker % 50)) } },
          ]);
          if (response.status === 202) acknowledged.push(marker);
          else failures.push(`${response.status} ${await response.text()}`);
        } catch (error) {
          failures.push(String(error));
        }
        await sleep(2);
      }
    });
    await sleep(500);
    await outage();
    await sleep(1_000);
    isOver = true;
    await Promise.all(pushers);
    return { acknowledged, failures };
  }

  async function expectStoredOnce(prefix: string, acknowledged: readonly number[]): Promise<void> {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    const { rows } = await client.query<{ value: number }>('SELECT value FROM metric_sample WHERE metric = $1', [
      `${prefix}_marker`,
    ]);
    const { rows: sums } = await client.query<{ sum: string }>(
      'SELECT sum(value::numeric) AS sum FROM metric_sample WHERE metric = $1',
      [`${prefix}_total`],
    );
    await client.end();
    const stored = rows.map(({ value }) => value).toSorted((a, b) => a - b);
    expect(stored).toEqual(acknowledged.toSorted((a, b) => a - b));
    expect(valueOn(await scrape(server!), `${prefix}_total`)).toBe(Number(sums[0]!.sum));
  }

  test('of some seconds is waited out: no client sees an error, nothing is lost or doubled', async () => {
    server = await startServer({ DATABASE_URL: postgres.url, ...LONG_STORE_WAIT });
    const { acknowledged, failures } = await pushThrough(
      server,
      async () => {
        await postgres.stop();
        await sleep(2_000);
        await restart();
      },
      'clean',
    );
    expect(failures).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(PUSHERS);
    await expectStoredOnce('clean', acknowledged);
  });

  test('by kill -9 is waited out as well, commits of unknown outcome included', async () => {
    server = await startServer({ DATABASE_URL: postgres.url, ...LONG_STORE_WAIT });
    const { acknowledged, failures } = await pushThrough(
      server,
      async () => {
        process.kill(postgres.pid, 'SIGKILL');
        await sleep(500);
        await restart();
      },
      'crash',
    );
    expect(failures).toEqual([]);
    await expectStoredOnce('crash', acknowledged);
  });

  test('longer than STORE_WAIT_MS ends in 503 with Retry-After, and the refused samples are not stored later', async () => {
    server = await startServer({ DATABASE_URL: postgres.url, STORE_WAIT_MS: '400' });
    await pushUntilTaken([{ name: 'long_total', value: 1 }]);
    await postgres.stop();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => push(server!, [{ name: 'long_total', value: 1 }])),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(503));
    expect(answers[0]!.headers.get('retry-after')).toBe('1');
    const unready = await fetch(`${server.url}/health/ready`);
    expect(unready.status).toBe(503);
    const unknownToken = await push(server, [], { Authorization: 'cmk_unknown' });
    expect(unknownToken.status).toBe(503);
    await restart();
    await pushUntilTaken([{ name: 'long_total', value: 1 }]);
    expect(valueOn(await scrape(server), 'long_total')).toBe(2);
  });

  const WAIT_MS = 2_000;

  test('by a lock that lasts longer than STORE_WAIT_MS: 503, and a client that sends again is counted once', async () => {
    server = await startServer({ DATABASE_URL: postgres.url, STORE_WAIT_MS: String(WAIT_MS) });
    const item = { name: 'locked_total', value: 1 };
    await pushUntilTaken([item]);
    const locker = new pg.Client({ connectionString: postgres.url });
    await locker.connect();
    await locker.query('BEGIN; LOCK TABLE sample_batch, series');
    const lockedAt = performance.now();
    const blocked = push(server, [item]);
    await untilBlocked(locker, 1);
    // The second push waits for the first and has less time left.
    const answers = await Promise.all([
      blocked,
      push(server, [item]),
      push(server, [{ name: 'locked_new_total', value: 1 }]),
    ]);
    // The service promises to exceed STORE_WAIT_MS by at most a fifth; the rest is for a busy machine. Two consecutive waits
    // would take twice as long as one.
    expect(performance.now() - lockedAt).toBeLessThan(WAIT_MS * 1.9);
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(503);
    await locker.query('COMMIT');
    await untilIdle(locker);
    await locker.end();
    await pushUntilTaken([item, { name: 'locked_new_total', value: 1 }]);
    const page = await scrape(server);
    // On a very busy machine, the second push may be tried so late that its outcome can't be determined in time.
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    const unknown = texts.filter((text) => text.includes('may have been stored')).length;
    expect(valueOn(page, 'locked_total')).toBeGreaterThanOrEqual(2);
    expect(valueOn(page, 'locked_total')).toBeLessThanOrEqual(2 + unknown);
    expect(valueOn(page, 'locked_new_total')).toBe(1);
  });

  test('of one connection, in the middle of a history query: 503 with Retry-After, and the next query works', async () => {
    server = await startServer({ DATABASE_URL: postgres.url });
    expect((await push(server, [{ name: 'read_total', value: 1 }])).status).toBe(202);
    const ask = () =>
      fetch(`${server!.url}/api/history/samples?metric=read_total`, { headers: { Authorization: ADMIN_TOKEN } });
    // Two clients are needed, because a transaction sees only one state of pg_stat_activity.
    const [locker, watcher] = [1, 2].map(() => new pg.Client({ connectionString: postgres.url }));
    for (const client of [locker!, watcher!]) {
      client.on('error', () => undefined);
      await client.connect();
    }
    await locker!.query('BEGIN; LOCK TABLE sample_batch');
    const asking = ask();
    const backend = await eventually(async () => {
      const { rows } = await watcher!.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE query LIKE 'DECLARE%' AND wait_event_type = 'Lock'`,
      );
      expect(rows).toHaveLength(1);
      return rows[0]!.pid;
    });
    // The connection ends without an error message. Postgres then restarts by itself, with all other connections.
    process.kill(backend, 'SIGKILL');
    const answer = await asking;
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('1');
    await Promise.all([locker!.end(), watcher!.end()]);
    await eventually(async () => expect((await ask()).status).toBe(200));
  });

  test('does not keep the process from ending', async () => {
    server = await startServer({ DATABASE_URL: postgres.url, STORE_WAIT_MS: '300', SHUTDOWN_TIMEOUT_MS: '2000' });
    await postgres.stop();
    expect((await push(server, [{ name: 'last_total', value: 1 }])).status).toBe(503);
    const startedAt = Date.now();
    expect(await server.stop()).toBe(0);
    // The stop takes some hundred milliseconds, and the rest is for a busy machine. Without a limit, the process would wait
    // until Postgres is available.
    expect(Date.now() - startedAt).toBeLessThan(20_000);
    await restart();
  });
});
