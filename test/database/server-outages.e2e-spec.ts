import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { eventually } from '../support/eventually.js';
import { PostgresCluster } from '../support/postgres-cluster.js';
import { ADMIN_TOKEN, push, startServer, type TestServer } from '../support/server.js';
import { startSwitchedProxy, type SwitchedProxy } from '../support/switched-proxy.js';

/** A limit of file sizes that is below the size of a file that Postgres writes when a session begins. */
const SMALL_FILE_BYTES = 16_384;

describe('a server of Postgres that', () => {
  let folder: string;
  let primary: PostgresCluster;
  let standby: PostgresCluster;
  let closed: PostgresCluster;
  let proxy: SwitchedProxy;
  let url: string;
  let server: TestServer;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'custom-metrics-server-outages-'));
    primary = await PostgresCluster.create(path.join(folder, 'primary'));
    await primary.start();
    proxy = await startSwitchedProxy(primary.port);
    const address = new URL(primary.url());
    address.port = String(proxy.port);
    url = address.href;
    server = await startServer({ DATABASE_URL: url, STORE_WAIT_MS: '500', COMPACTION_INTERVAL_SECONDS: '3600' });
    standby = await primary.baseBackup(path.join(folder, 'standby'));
    await standby.follow(primary);
    await standby.start();
    closed = await primary.baseBackup(path.join(folder, 'closed'));
    await closed.follow(primary, { hot_standby: 'off' });
    await closed.start(() => expect(closed.query('SELECT 1')).rejects.toMatchObject({ code: '57P03' }));
  });

  afterAll(async () => {
    await server?.kill();
    await proxy?.stop();
    for (const cluster of [closed, standby, primary]) await cluster?.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  const item = { name: 'outage_total', value: 1 };
  const get = (target: string) => fetch(server.url + target, { headers: { Authorization: ADMIN_TOKEN } });
  const ask = () =>
    Promise.all([
      push(server, [item]),
      get('/api/history/samples?metric=outage_total'),
      get('/api/admin/tokens'),
      get('/health/ready'),
    ]);

  const expectService = () =>
    eventually(async () => expect((await ask()).map(({ status }) => status)).toEqual([202, 200, 200, 200]));

  async function expectOutage({ tokens }: { tokens: number }): Promise<void> {
    const expected = [503, 503, tokens, 503];
    await eventually(async () => {
      const answers = await ask();
      expect(answers.map(({ status }) => status)).toEqual(expected);
      expect(answers[0].headers.get('retry-after')).toBe('1');
    });
    const linesBefore = server.output().length;
    // The state must not change back and forth.
    for (let round = 0; round < 3; round++) {
      expect((await ask()).map(({ status }) => status)).toEqual(expected);
    }
    expect(server.output().slice(linesBefore)).not.toMatch(/Postgres (?:does not take|takes) commits/);
  }

  test("can't write the file with which a session begins is an outage, which passes by itself", async () => {
    await expectService();
    await primary.session(async (session) => {
      const { rows } = await session.query<{ pid: string }>(
        `SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1) AS pid`,
      );
      // Only the account of the server may change its limits. Sessions that exist keep theirs.
      const limit = (bytes: number | 'unlimited') =>
        session.query(`COPY (SELECT) TO PROGRAM 'prlimit --pid ${rows[0]!.pid} --fsize=${bytes}:'`);
      await limit(SMALL_FILE_BYTES);
      try {
        // This removes the file, so that every new session has to write it.
        await session.query('VACUUM FULL pg_class');
        await session.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
        );
        await expect(primary.query('SELECT 1')).rejects.toThrow('could not write init file');
        await expectOutage({ tokens: 503 });
      } finally {
        await limit('unlimited');
      }
    });
    await expectService();
  });

  test('is in recovery and takes no connections is an outage, which a start waits for', async () => {
    await expectService();
    proxy.switchTo(closed.port);
    let waiting: Promise<TestServer>;
    try {
      await expectOutage({ tokens: 503 });
      waiting = startServer({ DATABASE_URL: url, DATABASE_START_WAIT_SECONDS: '60' });
      const failing = startServer({ DATABASE_URL: url, DATABASE_START_WAIT_SECONDS: '3' });
      await expect(failing).rejects.toThrow(
        /ended with 1:[^]*could not be used for 3 s \(DATABASE_START_WAIT_SECONDS\)/,
      );
    } finally {
      proxy.switchTo(primary.port);
    }
    await expectService();
    await (await waiting).kill();
  });

  test('is a standby that has not been promoted is an outage, which ends when it is', async () => {
    await expectService();
    await standby.catchUpWith(primary);
    proxy.switchTo(standby.port);
    // History is not read from a standby that may lack what has been stored, or may follow another primary.
    await expectOutage({ tokens: 200 });
    await standby.query('SELECT pg_promote()');
    await expectService();
  });
});
