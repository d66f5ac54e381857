import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { eventually } from '../support/eventually.js';
import { PostgresCluster } from '../support/postgres-cluster.js';
import { identityOf } from '../../src/catalog/series/series-identity.js';
import { rename } from '../support/renames.js';
import {
  ADMIN_TOKEN,
  getJson,
  type Item,
  push,
  scrape,
  startServer,
  type TestServer,
  valueOn,
} from '../support/server.js';
import { startSwitchedProxy, type SwitchedProxy } from '../support/switched-proxy.js';

const SERIES = 50;

/** Returns one sample for each series of a metric. */
function itemsOf(name: string): Item[] {
  return Array.from({ length: SERIES }, (_, index) => ({ name, value: 1, labels: { index: String(index) } }));
}

describe('a failover to a standby that lacks the newest series', () => {
  let folder: string;
  let primary: PostgresCluster;
  let standby: PostgresCluster;
  let proxy: SwitchedProxy;
  const servers: TestServer[] = [];
  const renewals = () => servers.map((server) => server.output().split('another database').length - 1);

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'custom-metrics-failover-'));
    primary = await PostgresCluster.create(path.join(folder, 'primary'));
    await primary.start();
    standby = await primary.baseBackup(path.join(folder, 'standby'));
    await standby.follow(primary);
    await standby.start();
    proxy = await startSwitchedProxy(primary.port);
    const url = new URL(primary.url());
    url.port = String(proxy.port);
    for (let index = 0; index < 2; index++) {
      servers.push(
        await startServer({ DATABASE_URL: url.href, STORE_WAIT_MS: '2000', COMPACTION_INTERVAL_SECONDS: '3600' }),
      );
    }
  });

  afterAll(async () => {
    for (const server of servers) await server.kill();
    await proxy?.stop();
    await standby?.stop();
    await primary?.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  /** Pushes like a client that repeats requests that were answered 503. No other error may occur. */
  async function pushUntilTaken(server: TestServer, items: readonly Item[]): Promise<void> {
    await eventually(async () => {
      const { status, headers } = await push(server, items);
      if (status === 202) return;
      expect({ status, retryAfter: headers.get('retry-after') }).toEqual({ status: 503, retryAfter: '1' });
      throw new Error('503');
    });
  }

  test('a restart of the same Postgres needs no reload', async () => {
    await pushUntilTaken(servers[0]!, itemsOf('old_total'));
    await standby.catchUpWith(primary);
    await primary.stop();
    await primary.start();
    for (const server of servers) await pushUntilTaken(server, itemsOf('old_total'));
    await standby.catchUpWith(primary);
    expect(renewals()).toEqual([0, 0]);
    for (const server of servers) {
      await eventually(async () => expect(valueOn(await scrape(server), 'old_total{index="7"}')).toBe(3));
    }
  });

  test('no sample gets into another series, and every process shows the stored data', async () => {
    // From here on, the standby receives nothing.
    await standby.query(`ALTER SYSTEM SET primary_conninfo = ''`);
    await standby.query('SELECT pg_reload_conf()');
    await eventually(async () => expect(await standby.query('SELECT 1 FROM pg_stat_wal_receiver')).toEqual([]));
    await pushUntilTaken(servers[0]!, itemsOf('lagged_total'));
    await pushUntilTaken(servers[1]!, itemsOf('lagged_total'));
    for (const server of servers) {
      await eventually(async () => expect(valueOn(await scrape(server), 'lagged_total{index="7"}')).toBe(2));
    }

    await standby.query('SELECT pg_promote()');
    proxy.switchTo(standby.port);
    // A new process creates series, which get ids that the other processes still associate with lost series.
    const newcomer = await startServer({ DATABASE_URL: standby.url(), COMPACTION_INTERVAL_SECONDS: '3600' });
    const pushed = { fresh_total: 0, lagged_total: 0 };
    for (let round = 0; round < 3; round++) {
      await pushUntilTaken(newcomer, itemsOf('fresh_total'));
      await pushUntilTaken(servers[round % 2]!, itemsOf('lagged_total'));
      pushed.fresh_total += SERIES;
      pushed.lagged_total += SERIES;
    }

    const stored = await standby.query<{ metric: string; samples: number }>(
      'SELECT metric, count(*)::int AS samples FROM metric_sample GROUP BY metric ORDER BY metric',
    );
    expect(Object.fromEntries(stored.map(({ metric, samples }) => [metric, samples]))).toEqual({
      ...pushed,
      old_total: 3 * SERIES,
    });
    expect(renewals()).toEqual([1, 1]);
    servers.push(newcomer);
    for (const server of servers) {
      await eventually(async () => {
        const page = await scrape(server);
        expect(valueOn(page, 'fresh_total{index="7"}')).toBe(3);
        expect(valueOn(page, 'lagged_total{index="7"}')).toBe(3);
        expect(valueOn(page, 'old_total{index="7"}')).toBe(3);
      });
      const { samples } = await getJson<{ samples: unknown[] }>(
        server,
        '/api/history/samples?metric=fresh_total&label=index%3D7',
      );
      expect(samples).toHaveLength(3);
    }
  });

  /** Sets Postgres back as a snapshot of its disk does, to a moment at which it did not have the last thing that the processes have seen. */
  async function setBack(...statements: readonly [sql: string, values?: unknown[]][]): Promise<void> {
    const before = renewals()[0]!;
    for (const [sql, values] of statements) await standby.query(sql, values);
    await standby.stop();
    await standby.start();
    await eventually(() => expect(renewals()[0]).toBe(before + 1));
  }

  test('a rename that a snapshot of the same Postgres lacks is undone', async () => {
    const [server] = servers as [TestServer];
    await pushUntilTaken(server, [{ name: 'early_total', value: 1 }]);
    expect((await rename(server, 'early_total', 'late_total')).status).toBe(200);
    await setBack(
      [
        `UPDATE series SET identity = $1 FROM metric WHERE metric.id = metric_id AND metric.name = 'late_total'`,
        [identityOf('early_total', '')],
      ],
      [`UPDATE metric SET name = 'early_total', rename_id = NULL WHERE name = 'late_total'`],
      ['DELETE FROM metric_rename'],
    );
    await eventually(async () => {
      const page = await scrape(server);
      expect([valueOn(page, 'early_total'), valueOn(page, 'late_total')]).toEqual([1, undefined]);
    });
  });

  test('a correction that a snapshot of the same Postgres lacks makes every process load its totals again', async () => {
    const range = `from=${Date.now() - 600_000}&to=${Date.now() + 1_000}`;
    const deletion = await fetch(`${servers[0]!.url}/api/admin/metrics/early_total/samples?${range}`, {
      method: 'DELETE',
      headers: { Authorization: ADMIN_TOKEN },
    });
    expect(deletion.status).toBe(200);
    await setBack(['DELETE FROM correction']);
  });
});
