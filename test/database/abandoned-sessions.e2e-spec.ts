import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { boundDataSource } from '../../src/database/connections/bounded-data-source.js';
import { inTransaction } from '../../src/database/transaction.js';
import { eventually } from '../support/eventually.js';
import { type FaultInjectingProxy, startFaultInjectingProxy } from '../support/fault-injecting-proxy.js';
import { push } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';

const WAIT_MS = 1_000;

/** Postgres ends a session by itself only after this time, which no test waits for. */
const IDLE_MS = 120_000;

/** Maximum time in which a session must end after its connection was given up. It takes one to three seconds. */
const ENDED = { limitMs: 8_000, intervalMs: 100 };

/** The sessions of this database that are inside a transaction, except that of the test. */
const IN_TRANSACTION = `
  SELECT pid, query FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'`;

describe('the session of a connection that went silent inside a transaction', () => {
  const store = storeUnderTest('each');
  let proxy: FaultInjectingProxy;

  beforeEach(async () => {
    proxy = await startFaultInjectingProxy(store.url);
  });

  afterEach(async () => {
    await proxy.stop();
  });

  test('is ended over another connection, and its locks with it', async () => {
    const dataSource = boundDataSource(new DataSource({ type: 'postgres', url: proxy.url, poolSize: 2 }), WAIT_MS);
    await dataSource.initialize();
    await store.client.query('INSERT INTO sample_writer DEFAULT VALUES');
    let processId = 0;
    const silent = proxy.silenceNext('nothing more arrives');
    const work = inTransaction(dataSource, { statementTimeoutMs: WAIT_MS, idleTimeoutMs: IDLE_MS }, async (runner) => {
      await runner.query('SELECT 1 FROM sample_writer FOR UPDATE');
      const rows = (await runner.query(
        `SELECT pg_backend_pid() AS pid, current_setting('idle_in_transaction_session_timeout') AS idle,
                current_setting('tcp_user_timeout') AS tcp`,
      )) as { pid: number; idle: string; tcp: string }[];
      expect(rows).toEqual([{ pid: expect.any(Number) as number, idle: '2min', tcp: expect.any(String) as string }]);
      processId = rows[0]!.pid;
      await runner.query(`SELECT 'nothing more arrives'`);
    });
    const failure = expect(work).rejects.toThrow('Query read timeout');
    await silent;
    const sessions = async () => (await store.client.query<{ pid: number }>(IN_TRANSACTION)).rows.map(({ pid }) => pid);
    await eventually(async () => expect(await sessions()).toEqual([processId]));
    await failure;
    await eventually(async () => expect(await sessions()).toEqual([]), ENDED);
    await store.client.query('SELECT 1 FROM sample_writer FOR UPDATE NOWAIT');
    await dataSource.destroy();
  });

  test('is left alone while it is idle, because its process id may belong to another client', async () => {
    const dataSource = boundDataSource(new DataSource({ type: 'postgres', url: proxy.url, poolSize: 2 }), WAIT_MS);
    await dataSource.initialize();
    const silent = proxy.silenceNext('nothing more arrives');
    // The statement is lost outside of a transaction, so the session on the server is idle, like one that has a new client.
    const failure = expect(dataSource.query(`SELECT 'nothing more arrives'`)).rejects.toThrow('Query read timeout');
    await silent;
    const idle = async () => {
      const { rows } = await store.client.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'idle'`,
      );
      return rows.map(({ pid }) => pid);
    };
    const [processId] = await idle();
    await failure;
    await sleep(ENDED.limitMs / 2);
    expect(await idle()).toContain(processId);
    await dataSource.destroy();
  });

  test('ends when a service gives it up, even before the time-outs of its transaction are set', async () => {
    const server = await store.start({
      DATABASE_URL: proxy.url,
      STORE_WAIT_MS: String(WAIT_MS),
      COMPACTION_INTERVAL_SECONDS: '1',
      COMPACTION_HORIZON_SECONDS: '1',
    });
    const item = { name: 'silent_total', value: 1 };
    expect((await push(server, [item])).status).toBe(202);
    // A compaction begins its transaction, and this statement would set its time-outs. Without them, the session stays for hours.
    await proxy.silenceNext('idle_in_transaction_session_timeout');
    const [session] = await eventually(async () => {
      const { rows } = await store.client.query<{ pid: number; query: string }>(IN_TRANSACTION);
      expect(rows).toEqual([
        { pid: expect.any(Number) as number, query: expect.stringMatching(/^START|^BEGIN/) as string },
      ]);
      return rows;
    });
    await eventually(async () => {
      const { rows } = await store.client.query('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [session!.pid]);
      expect(rows).toEqual([]);
    }, ENDED);
    expect((await push(server, [item])).status).toBe(202);
  });
});
