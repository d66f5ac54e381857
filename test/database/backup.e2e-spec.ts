import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { findInstallation, PostgresCluster } from '../support/postgres-cluster.js';
import {
  getJson,
  type Item,
  push,
  scrape,
  startServer,
  type TestServer,
  valueOn,
  createToken,
} from '../support/server.js';

/** A whole minute half an hour ago, which is inside the default range of the history. */
const BASE = Math.floor(Date.now() / 60_000) * 60_000 - 30 * 60_000;

const SERIES = ['kept_total{app="shop"}', 'kept_total{app="depot"}', 'kept_depth', 'kept_old_total'];

/** Settings with which samples leave the log and are merged within seconds. */
const FAST_COMPACTION = {
  COMPACTION_HORIZON_SECONDS: '1',
  COMPACTION_INTERVAL_SECONDS: '1',
  CHUNK_PERIOD: '10s',
  SLOW_SERIES_PERIOD: '20s',
};

/** The part of a database that users can see. */
interface Shown {
  readonly page: Record<string, number | undefined>;
  readonly samples: unknown[];
  readonly tokens: unknown;
}

describe('a backup of the database', () => {
  const clusters: PostgresCluster[] = [];
  let folder: string;
  let server: TestServer | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'custom-metrics-backup-'));
  });

  afterEach(async () => {
    await server?.kill();
    server = undefined;
    for (const cluster of clusters.splice(0)) await cluster.stop();
  });

  afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

  async function started(cluster: PostgresCluster): Promise<PostgresCluster> {
    clusters.push(cluster);
    await cluster.start();
    return cluster;
  }

  /**
   * Starts the service on a database and fills the database, so that it has merged blocks, fresh blocks and rows in the log.
   *
   * @returns the secret of a token
   */
  async function fill(cluster: PostgresCluster, database?: string): Promise<string> {
    const pushed = async (items: Item[]) => expect((await push(server!, items)).status).toBe(202);
    const count = async (from: string) => (await cluster.query(`SELECT 1 FROM ${from}`, [], database)).length;
    server = await startServer({ DATABASE_URL: cluster.url(database), ...FAST_COMPACTION });
    await pushed([1, 2.5].map((value) => ({ name: 'kept_total', value, labels: { app: 'shop' }, timestamp: BASE })));
    await until(async () => (await count('sample_block_merged')) > 0);
    await pushed([{ name: 'kept_old_total', value: 4 }]);
    await until(async () => (await count('sample_block_fresh')) > 0 && (await count('sample_batch')) === 0);
    await server.kill();
    server = await startServer({ DATABASE_URL: cluster.url(database), COMPACTION_INTERVAL_SECONDS: '3600' });
    for (const value of [10, 25]) {
      await pushed([
        { name: 'kept_depth', value },
        { name: 'kept_total', value: 7, labels: { app: 'depot' } },
      ]);
    }
    return createToken(server, { name: 'of the backup', labels: { from: 'backup' } });
  }

  async function shownBy(target: TestServer): Promise<Shown> {
    const page = await scrape(target);
    const samples: unknown[] = [];
    for (const metric of ['kept_total', 'kept_depth', 'kept_old_total']) {
      const answer = await getJson<{ samples: unknown[] }>(target, `/api/history/samples?metric=${metric}`);
      samples.push(...answer.samples);
    }
    return {
      page: Object.fromEntries(SERIES.map((series) => [series, valueOn(page, series)])),
      samples,
      tokens: await tokensOf(target),
    };
  }

  /** Returns all tokens without figures of their use, which are written with a delay or change while pushes go on. */
  async function tokensOf(target: TestServer): Promise<unknown> {
    const tokens = await getJson<object[]>(target, '/api/admin/tokens');
    expect(tokens.length).toBeGreaterThan(2);
    const figures = new Set(['lastUsedAt', 'countedSince', 'samplesAccepted', 'samplesRefused', 'seriesCount']);
    return tokens.map((token) => Object.fromEntries(Object.entries(token).filter(([name]) => !figures.has(name))));
  }

  function blocksOf(cluster: PostgresCluster, database?: string): Promise<unknown[]> {
    return cluster.query(
      `SELECT tableoid::regclass::text AS partition, *, NULL::bigint AS turn, NULL::bigint AS replaced_turn FROM sample_block_fresh
       UNION ALL SELECT tableoid::regclass::text, *, NULL::bigint, NULL::bigint FROM sample_block_waiting
       UNION ALL SELECT tableoid::regclass::text, * FROM sample_block_merged ORDER BY partition, bucket, id`,
      [],
      database,
    );
  }

  /** Expects that the service on the restored database shows the same data, accepts the same token, and continues to count. */
  async function expectSame(url: string, before: Shown, secret: string): Promise<void> {
    server = await startServer({ DATABASE_URL: url });
    const after = await shownBy(server);
    expect(after.page).toEqual(before.page);
    expect(after.page).toEqual({
      'kept_total{app="shop"}': 3.5,
      'kept_total{app="depot"}': 14,
      kept_depth: 25,
      kept_old_total: 4,
    });
    expect(after.samples).toEqual(before.samples);
    expect(after.samples).toHaveLength(7);
    expect(after.tokens).toEqual(before.tokens);
    const items = [{ name: 'kept_total', value: 1, labels: { app: 'shop' } }];
    expect((await push(server, items)).status).toBe(202);
    expect(valueOn(await scrape(server), 'kept_total{app="shop"}')).toBe(4.5);
    expect((await push(server, [{ name: 'kept_depth', value: 1 }], { Authorization: secret })).status).toBe(202);
    expect(valueOn(await scrape(server), 'kept_depth{from="backup"}')).toBe(1);
  }

  const installation = findInstallation();
  const withInstallation = installation === undefined ? test.skip : test;

  withInstallation(
    'by pg_dump, restored into an empty database: page, history, tokens and chunks (needs an installed Postgres)',
    async () => {
      const cluster = await started(await PostgresCluster.create(path.join(folder, 'dumped'), installation));
      await cluster.query('CREATE DATABASE metrics');
      await cluster.query('CREATE DATABASE restored');
      const secret = await fill(cluster, 'metrics');
      const before = await shownBy(server!);
      // The dump is made while the service runs. The folder belongs to the account that runs Postgres.
      const file = path.join(folder, 'dumped', 'cluster', 'metrics.dump');
      await cluster.run('pg_dump', ['--format=custom', `--file=${file}`, `--dbname=${cluster.address('metrics')}`]);
      await cluster.run('pg_restore', ['--exit-on-error', `--dbname=${cluster.address('restored')}`, file]);
      await server!.kill();
      expect(await blocksOf(cluster, 'restored')).toEqual(await blocksOf(cluster, 'metrics'));
      expect(await blocksOf(cluster, 'restored')).toHaveLength(2);
      await cluster.query('DROP DATABASE metrics WITH (FORCE)');
      await expectSame(cluster.url('restored'), before, secret);
    },
  );

  withInstallation(
    'restored under a running service: nothing lands in other series (needs an installed Postgres)',
    async () => {
      const cluster = await started(await PostgresCluster.create(path.join(folder, 'replaced'), installation));
      await cluster.query('CREATE DATABASE metrics');
      server = await startServer({ DATABASE_URL: cluster.url('metrics'), COMPACTION_INTERVAL_SECONDS: '3600' });
      const series = (name: string) => [1, 2, 3].map((each) => ({ name, value: 1, labels: { each: String(each) } }));
      const pushUntilTaken = (items: Item[]) =>
        until(async () => {
          const { status } = await push(server!, items);
          expect([202, 503]).toContain(status);
          return status === 202;
        });
      await pushUntilTaken(series('dumped_total'));
      const file = path.join(folder, 'replaced', 'cluster', 'metrics.dump');
      await cluster.run('pg_dump', ['--format=custom', `--file=${file}`, `--dbname=${cluster.address('metrics')}`]);
      await pushUntilTaken(series('newer_total'));
      let isRestored = false;
      const restoring = cluster
        .query('DROP SCHEMA public CASCADE; CREATE SCHEMA public', [], 'metrics')
        .then(() => cluster.run('pg_restore', ['--exit-on-error', `--dbname=${cluster.address('metrics')}`, file]))
        .finally(() => (isRestored = true));
      // The pushes must not block the restore, and a push that got a 202 must not be lost.
      let taken = 0;
      while (!isRestored) {
        const { status } = await push(server, series('newer_total'));
        expect([202, 503]).toContain(status);
        if (status === 202) taken++;
        await sleep(20);
      }
      await restoring;
      await pushUntilTaken(series('fresh_total'));
      await pushUntilTaken(series('newer_total'));
      const stored = await cluster.query<{ metric: string; samples: number }>(
        'SELECT metric, count(*)::int AS samples FROM metric_sample GROUP BY metric',
        [],
        'metrics',
      );
      const samples = new Map(stored.map(({ metric, samples: count }) => [metric, count]));
      expect([samples.get('dumped_total'), samples.get('fresh_total')]).toEqual([3, 3]);
      // Samples that were accepted before the old tables were dropped are lost with them.
      expect(samples.get('newer_total')).toBeGreaterThanOrEqual(3);
      expect(samples.get('newer_total')).toBeLessThanOrEqual(3 + 3 * taken);
      const page = await scrape(server);
      expect(valueOn(page, 'fresh_total{each="2"}')).toBe(1);
      expect(valueOn(page, 'newer_total{each="2"}')).toBe(samples.get('newer_total')! / 3);
    },
  );

  test('by copying the data folder between pg_backup_start and pg_backup_stop, while pushes go on', async () => {
    const cluster = await started(await PostgresCluster.create(path.join(folder, 'copied')));
    const secret = await fill(cluster);
    const before = await shownBy(server!);
    let isOver = false;
    const pushing = (async () => {
      while (!isOver) expect((await push(server!, [{ name: 'meanwhile_total', value: 1 }])).status).toBe(202);
    })();
    const copy = await cluster.baseBackup(path.join(folder, 'copy'));
    isOver = true;
    await pushing;
    const chunks = await blocksOf(cluster);
    await server!.kill();
    await cluster.stop();
    await started(copy);
    expect(await blocksOf(copy)).toEqual(chunks);
    await expectSame(copy.url(), before, secret);
  });

  withInstallation('by pg_basebackup, started as a server of its own (needs an installed Postgres)', async () => {
    const cluster = await started(await PostgresCluster.create(path.join(folder, 'streamed'), installation));
    const secret = await fill(cluster);
    const before = await shownBy(server!);
    const copy = await cluster.adopt(path.join(folder, 'base'));
    await cluster.run('pg_basebackup', [
      `--pgdata=${path.join(folder, 'base', 'cluster')}`,
      '--checkpoint=fast',
      '--wal-method=stream',
      `--dbname=${cluster.address()}`,
    ]);
    await server!.kill();
    await cluster.stop();
    await started(copy);
    await expectSame(copy.url(), before, secret);
  });
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  await eventually(async () => expect(await isSo()).toBe(true), { limitMs: 30_000, intervalMs: 100 });
}
