import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Partition, parsePartitionName } from '../../src/sample-store/archive/chunk/chunk-partitions.js';
import { eventually } from '../support/eventually.js';
import { type FaultInjectingProxy, startFaultInjectingProxy } from '../support/fault-injecting-proxy.js';
import { PostgresCluster } from '../support/postgres-cluster.js';
import { push, startServer, type TestServer } from '../support/server.js';

/** The period of a fresh block. It is merged some 13 s after its end; see PartitionKeeping. */
const PERIOD_MS = 10_000;

/** Maximum time until a push is taken after the standby has become the primary. */
const PUSH_LIMIT_MS = 10_000;

/**
 * Maximum time until the background work goes on. A statement of the archive waits at most a minute for its answer; without a
 * limit, it would wait until TCP gives up after a quarter of an hour.
 */
const BACKGROUND_LIMIT_MS = 90_000;

/** Maximum time for a stop. After SHUTDOWN_TIMEOUT_MS, which is 10 s, it is forced. */
const STOP_MS = 5_000;

describe('a failover whose old host goes silent without a reset', () => {
  let folder: string;
  let primary: PostgresCluster;
  let standby: PostgresCluster;
  let proxy: FaultInjectingProxy;
  let server: TestServer;
  let isPushing = true;
  let pushing: Promise<void>;
  const pushes = { sent: 0, taken: 0, lastTakenAt: 0 };
  const statuses = new Set<string>();

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'custom-metrics-silent-failover-'));
    primary = await PostgresCluster.create(path.join(folder, 'primary'));
    await primary.start();
    standby = await primary.baseBackup(path.join(folder, 'standby'));
    await standby.follow(primary);
    await standby.start();
    proxy = await startFaultInjectingProxy(primary.url());
    server = await startServer({
      DATABASE_URL: proxy.url,
      STORE_WAIT_MS: '1000',
      COMPACTION_INTERVAL_SECONDS: '1',
      COMPACTION_HORIZON_SECONDS: '1',
      CHUNK_PERIOD: `${PERIOD_MS / 1000}s`,
    });
  });

  afterAll(async () => {
    isPushing = false;
    await pushing;
    if (server?.process.exitCode === null) await server.kill();
    await proxy?.stop();
    await standby?.stop();
    await primary?.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  async function pushOnce(): Promise<void> {
    pushes.sent++;
    const { status, headers } = await push(server, [{ name: 'silent_total', value: 1 }]);
    statuses.add(status === 202 ? '202' : `${status} ${headers.get('retry-after')}`);
    if (status !== 202) return;
    pushes.taken++;
    pushes.lastTakenAt = performance.now();
  }

  async function pushOn(): Promise<void> {
    for (; isPushing; await sleep(50)) await pushOnce();
  }

  async function countOf(table: string, cluster = standby): Promise<number> {
    const [row] = await cluster.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`);
    return row!.n;
  }

  /** Returns the partitions of fresh blocks. */
  async function freshPartitions(): Promise<Partition[]> {
    const rows = await standby.query<{ relname: string }>(
      `SELECT relname FROM pg_class WHERE relname LIKE 'sample_block_fresh_%' AND relkind = 'r'`,
    );
    return rows.map(({ relname }) => parsePartitionName(relname)!);
  }

  test('does not stop the pushes for long', async () => {
    for (let round = 0; round < 5; round++) await pushOnce();
    await eventually(async () => expect(await countOf('sample_block', primary)).toBeGreaterThan(0));
    const held = proxy.silenceNext('DELETE FROM "public".sample_batch');
    await pushOnce();
    // A compaction now waits for its answer in the middle of its transaction.
    await held;
    expect(pushes.taken).toBe(pushes.sent);
    await standby.catchUpWith(primary);
    proxy.silence();
    pushing = pushOn();
    await sleep(1_000);
    await standby.query('SELECT pg_promote()');
    proxy.switchTo(standby.port);
    proxy.allowNew();
    const promotedAt = performance.now();
    await eventually(() => expect(pushes.lastTakenAt).toBeGreaterThan(promotedAt));
    expect(performance.now() - promotedAt).toBeLessThan(PUSH_LIMIT_MS);
    expect([...statuses].filter((status) => status !== '202' && status !== '503 1')).toEqual([]);
  });

  test('does not stop the background work: the log becomes short again, blocks are merged, partitions kept', async () => {
    const failedOverAt = Date.now();
    await eventually(
      async () => {
        // The pushes go on, so the log is never empty for long. It contains those of the horizon and of two turns.
        const [log] = await standby.query<{ age: number | null }>(
          `SELECT extract(epoch FROM clock_timestamp() - min(received_at))::float8 AS age FROM sample_batch
           WHERE cardinality(series_ids) > 0`,
        );
        expect(log!.age ?? 0).toBeLessThan(5);
        // The partitions of the time before, and of one period after the failover, were merged and dropped.
        const partitions = await freshPartitions();
        expect(partitions.filter(({ to }) => to <= failedOverAt + PERIOD_MS)).toEqual([]);
        // The next period has a partition before it begins.
        const now = Date.now();
        expect(partitions.filter(({ from }) => from > now)).toHaveLength(1);
      },
      { limitMs: BACKGROUND_LIMIT_MS, intervalMs: 250 },
    );
    isPushing = false;
    await pushing;
    await eventually(async () => expect(await countOf('sample_batch WHERE cardinality(series_ids) > 0')).toBe(0));
    const stored = await countOf('metric_sample');
    // A push that was answered 503 may have been stored.
    expect(stored).toBeGreaterThanOrEqual(pushes.taken);
    expect(stored).toBeLessThanOrEqual(pushes.sent);
  });

  test('does not keep the process from ending', async () => {
    const held = proxy.silenceNext('DELETE FROM "public".sample_batch');
    await pushOnce();
    await held;
    // The new host answers new connections, and all of the old ones are silent.
    proxy.silence();
    proxy.allowNew();
    const answer = push(server, [{ name: 'silent_total', value: 1 }]);
    await sleep(200);
    const startedAt = performance.now();
    server.process.kill('SIGTERM');
    const [code] = (await once(server.process, 'exit')) as [number | null];
    expect(performance.now() - startedAt).toBeLessThan(STOP_MS);
    expect(code).toBe(0);
    expect([202, 503]).toContain((await answer).status);
  });
});
