import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { eventually } from '../support/eventually.js';
import { PostgresCluster } from '../support/postgres-cluster.js';
import { ADMIN_TOKEN, push, startServer, type TestServer } from '../support/server.js';
import { startSwitchedProxy, type SwitchedProxy } from '../support/switched-proxy.js';
import { createTestDatabase } from '../support/test-database.js';

function ask(server: TestServer): Promise<Response> {
  return fetch(`${server.url}/api/history/samples?metric=orders_total`, { headers: { Authorization: ADMIN_TOKEN } });
}

async function countSamples(server: TestServer): Promise<number> {
  const response = await ask(server);
  expect(response.status).toBe(200);
  return ((await response.json()) as { samples: unknown[] }).samples.length;
}

async function expectRefusal(server: TestServer): Promise<void> {
  const response = await ask(server);
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
  const { message } = (await response.json()) as { message: string };
  expect(message).toContain('HISTORY_DATABASE_URL');
  expect(server.output()).toContain('is not a standby of the main database');
}

async function pushOne(server: TestServer): Promise<void> {
  await eventually(async () => expect((await push(server, [{ name: 'orders_total', value: 1 }])).status).toBe(202));
}

describe('a history database that is not a standby of the main one', () => {
  test('answers 503 if it is a different database', async () => {
    const [main, other] = [await createTestDatabase(), await createTestDatabase()];
    const server = await startServer({ DATABASE_URL: main.url, HISTORY_DATABASE_URL: other.url });
    try {
      await pushOne(server);
      await expectRefusal(server);
    } finally {
      await server.kill();
      await main.drop();
      await other.drop();
    }
  });

  describe('after a failover', () => {
    let folder: string;
    let old: PostgresCluster;
    let promoted: PostgresCluster;
    let followerOfOld: PostgresCluster;
    let proxy: SwitchedProxy;
    const servers: TestServer[] = [];

    beforeAll(async () => {
      folder = await mkdtemp(path.join(os.tmpdir(), 'custom-metrics-branches-'));
      old = await PostgresCluster.create(path.join(folder, 'old'));
      await old.start();
      promoted = await old.baseBackup(path.join(folder, 'promoted'));
      followerOfOld = await old.baseBackup(path.join(folder, 'follower'));
      for (const standby of [promoted, followerOfOld]) {
        await standby.follow(old);
        await standby.start();
      }
      proxy = await startSwitchedProxy(old.port);
      const url = new URL(old.url());
      url.port = String(proxy.port);
      for (const history of [old, promoted, followerOfOld]) {
        const settings = { STORE_WAIT_MS: '2000', COMPACTION_INTERVAL_SECONDS: '3600' };
        servers.push(await startServer({ DATABASE_URL: url.href, HISTORY_DATABASE_URL: history.url(), ...settings }));
      }
    });

    afterAll(async () => {
      for (const server of servers) await server.kill();
      await proxy?.stop();
      for (const cluster of [promoted, followerOfOld, old]) await cluster?.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 10 });
    });

    test('answers 503 if it is the old primary or still follows it, and 200 if it is the new primary', async () => {
      await pushOne(servers[0]!);
      for (const standby of [promoted, followerOfOld]) await standby.catchUpWith(old);
      for (const server of servers) expect(await countSamples(server)).toBe(1);
      // The next sample is lost: the standby that becomes the primary does not receive it.
      await promoted.query(`ALTER SYSTEM SET primary_conninfo = ''`);
      await promoted.query('SELECT pg_reload_conf()');
      await eventually(async () => expect(await promoted.query('SELECT 1 FROM pg_stat_wal_receiver')).toEqual([]));
      await pushOne(servers[0]!);
      await followerOfOld.catchUpWith(old);
      await promoted.query('SELECT pg_promote()');
      proxy.switchTo(promoted.port);
      for (const server of servers) await pushOne(server);
      await expectRefusal(servers[0]!);
      expect(await countSamples(servers[1]!)).toBe(4);
      await expectRefusal(servers[2]!);
    });
  });
});
