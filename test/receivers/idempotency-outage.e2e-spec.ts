import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { untilIdle } from '../support/database-sessions.js';
import { type DatabaseProxy, startDatabaseProxy } from '../support/database-proxy.js';
import { eventually } from '../support/eventually.js';
import { push, scrape, startServer, type TestServer, valueOn } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** A text that is in every commit of a request with a key, and in no other statement. */
const KEYED_COMMIT = 'ingest_receipt (token_id, idempotency_key, body_hash, answer)';

const PUSHERS = 16;
const KILLS = 4;

describe('Idempotency-Key when the outcome of a commit is unknown', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let proxy: DatabaseProxy;
  /** This server reaches Postgres through the proxy. */
  let server: TestServer;
  /** Another process, which is not disturbed. */
  let other: TestServer;

  beforeEach(async () => {
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    proxy = await startDatabaseProxy(database.url);
  });

  afterEach(async () => {
    await Promise.all([server, other].map((each) => each?.kill()));
    await proxy.stop();
    await client.end();
    await database.drop();
  });

  const isReplay = (response: Response) => response.headers.get('idempotency-replayed') === 'true';

  async function pushOnce(target: TestServer, key: string, value = 1) {
    const response = await push(target, [{ name: 'once_total', value }], { 'Idempotency-Key': key });
    await response.arrayBuffer();
    return { status: response.status, isReplay: isReplay(response) };
  }

  /** Expects that these values of a metric are stored, and that the expositions of both processes agree. */
  async function expectStored(metric: string, values: readonly number[]): Promise<void> {
    const { rows } = await client.query<{ value: number }>(
      'SELECT value FROM metric_sample WHERE metric = $1 ORDER BY value',
      [metric],
    );
    expect(rows.map(({ value }) => value)).toEqual(values);
    const sum = values.reduce((total, value) => total + value, 0);
    await eventually(async () => {
      for (const each of [server, other]) expect(valueOn(await scrape(each), metric)).toBe(sum);
    });
  }

  /** Locks the log, so that nothing can be written until the returned function is called. */
  async function lockLog(): Promise<() => Promise<void>> {
    const locker = new pg.Client({ connectionString: database.url });
    await locker.connect();
    await locker.query('BEGIN; LOCK TABLE sample_batch IN SHARE MODE');
    return () => locker.end();
  }

  /**
   * Starts both servers and creates the series, so that the next statement of a push is its commit.
   *
   * @param waitMs the maximum wait, which is either short enough for a push to be given up, or long enough for every push to
   * succeed
   */
  async function prepare(waitMs: 2_000 | 60_000): Promise<void> {
    [server, other] = await Promise.all([
      startServer({ DATABASE_URL: proxy.url, STORE_WAIT_MS: String(waitMs) }),
      startServer({ DATABASE_URL: database.url }),
    ]);
    await eventually(async () => expect((await push(server, [{ name: 'once_total', value: 0 }])).status).toBe(202));
  }

  test.each(['answer-lost', 'statement-lost'] as const)('%s: the retry stores it once', async (fate) => {
    await prepare(60_000);
    const caught = proxy.catchNext([KEYED_COMMIT], fate);
    const first = pushOnce(server, 'lost');
    await caught;
    proxy.reconnect();
    expect(await first).toEqual({ status: 202, isReplay: false });
    expect(await pushOnce(server, 'lost')).toEqual({ status: 202, isReplay: true });
    expect(await pushOnce(other, 'lost')).toEqual({ status: 202, isReplay: true });
    await expectStored('once_total', [0, 1]);
  });

  test.each(['answer-lost', 'statement-lost', 'held'] as const)(
    '%s, and the client gives up and asks another process meanwhile: stored once',
    async (fate) => {
      await prepare(60_000);
      const caught = proxy.catchNext([KEYED_COMMIT, 'moved'], fate);
      // In a group, requests without a key or with another key must not be affected by a request that was committed elsewhere.
      const first = pushOnce(server, 'moved');
      const neighbours = Promise.all([
        pushOnce(server, 'neighbour', 10),
        push(server, [{ name: 'once_total', value: 100 }]),
      ]);
      await caught;
      const second = pushOnce(other, 'moved');
      if (fate === 'answer-lost') expect(await second).toEqual({ status: 202, isReplay: true });
      else expect(await second).toEqual({ status: 202, isReplay: false });
      proxy.reconnect();
      if (fate === 'held') {
        // The held statement has not reached Postgres yet. A decision that was made without it must remain valid when it arrives.
        await proxy.release();
      }
      const isStoredHere = fate === 'answer-lost';
      expect(await first).toEqual({ status: 202, isReplay: !isStoredHere });
      const [neighbour, unkeyed] = await neighbours;
      expect(neighbour).toEqual({ status: 202, isReplay: false });
      expect(unkeyed.status).toBe(202);
      await expectStored('once_total', [0, 1, 10, 100]);
    },
  );

  test('answered 503, settled, and sent again under the same key: stored once, even if the first try arrives late', async () => {
    await prepare(2_000);
    const caught = proxy.catchNext([KEYED_COMMIT], 'held');
    const first = pushOnce(server, 'late');
    await caught;
    proxy.reconnect();
    // While the log is locked, the outcome of the commit can't be determined either.
    const unlock = await lockLog();
    expect((await first).status).toBe(503);
    let again = pushOnce(server, 'late');
    await unlock();
    await eventually(async () => {
      if ((await again).status !== 202) again = pushOnce(server, 'late');
      expect((await again).status).toBe(202);
    });
    expect(await again).toEqual({ status: 202, isReplay: false });
    await proxy.release();
    expect(await pushOnce(other, 'late')).toEqual({ status: 202, isReplay: true });
    await expectStored('once_total', [0, 1]);
  });

  test('a lock in the way for longer than STORE_WAIT_MS: all wait and fail together, and the same key is stored once', async () => {
    await prepare(2_000);
    const unlock = await lockLog();
    const answers = await Promise.all([1, 2, 3].map(() => pushOnce(server, 'locked')));
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
    await unlock();
    await untilIdle(client);
    const again = await Promise.all([server, other, server].map((each) => pushOnce(each, 'locked')));
    expect(again.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect(again.filter((each) => !each.isReplay)).toHaveLength(1);
    await expectStored('once_total', [0, 1]);
  });
});

describe('Idempotency-Key and kill -9', () => {
  let database: TestDatabase;
  const servers: TestServer[] = [];

  afterAll(async () => {
    await Promise.all(servers.map((server) => server.kill()));
    await database.drop();
  });

  test('clients that send the same again until they hear a 202 are stored once', async () => {
    database = await createTestDatabase();
    const start = () => startServer({ DATABASE_URL: database.url });
    servers.push(...(await Promise.all([start(), start()])));
    let isOver = false;
    let next = 1;
    const unexpected: number[] = [];
    const pushers = Array.from({ length: PUSHERS }, async (_, pusher) => {
      while (!isOver) {
        const marker = next++;
        for (let attempt = pusher; ; attempt++) {
          const items = [{ name: 'marker', value: marker }];
          // If a connection breaks because its process ended, it is unknown whether the request was stored, so it is sent again.
          const response = await push(servers[attempt % 2]!, items, { 'Idempotency-Key': `marker-${marker}` }).catch(
            () => undefined,
          );
          await response?.arrayBuffer().catch(() => undefined);
          if (response?.status === 202) break;
          if (response !== undefined && response.status !== 503) unexpected.push(response.status);
          await sleep(20);
        }
      }
    });
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(200);
      const victim = kill % 2;
      await servers[victim]!.kill();
      servers[victim] = await start();
    }
    isOver = true;
    await Promise.all(pushers);
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query<{ value: number }>(
      `SELECT value FROM metric_sample WHERE metric = 'marker' ORDER BY value`,
    );
    await client.end();
    expect(unexpected).toEqual([]);
    expect(rows.map(({ value }) => value)).toEqual(Array.from({ length: next - 1 }, (_, index) => index + 1));
    expect(next).toBeGreaterThan(200);
  });
});
