import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { eventually } from '../support/eventually.js';
import { remove } from '../support/removal.js';
import { rename } from '../support/renames.js';
import { type Item, push, scrape, type TestServer, valueOn } from '../support/server.js';
import { storeUnderTest } from '../support/service-under-test.js';

const IN_BLOCKS = { COMPACTION_HORIZON_SECONDS: '1', COMPACTION_INTERVAL_SECONDS: '1', CHUNK_PERIOD: '10s' };

describe('renaming beside other work', () => {
  const store = storeUnderTest('all');
  let servers: TestServer[];
  let one: TestServer;
  let two: TestServer;

  beforeAll(async () => {
    // A session looks for a deadlock once, after this time. Only one that waits this long before the test has caused the deadlock
    // would miss it.
    const [database] = await rowsOf<{ name: string }>('SELECT current_database() AS name');
    await store.client.query(`ALTER DATABASE "${database!.name}" SET deadlock_timeout = '4s'`);
    servers = await Promise.all([1, 2, 3].map(() => store.start(IN_BLOCKS)));
    [one, two] = servers as [TestServer, TestServer];
  });

  const pushAll = async (server: TestServer, items: readonly Item[]) => {
    const response = await push(server, items);
    expect([response.status, await response.text()]).toEqual([202, '']);
  };
  const rowsOf = async <Row extends pg.QueryResultRow>(statement: string, values: unknown[] = []) =>
    (await store.client.query<Row>(statement, values)).rows;
  const storedNames = async (pattern: string) =>
    (await rowsOf<{ name: string }>('SELECT name FROM metric WHERE name ~ $1 ORDER BY id', [pattern])).map(
      ({ name }) => name,
    );
  /** Waits until a rename can't change the identities of series, because another transaction holds them. */
  const untilRenameWaits = () =>
    eventually(async () => {
      const waiting = await rowsOf(
        `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%identity%' AND datname = current_database()`,
      );
      expect(waiting).toHaveLength(1);
    });
  /** Begins a transaction that holds all series of a metric, on a connection of its own. */
  async function lockSeriesOf(metric: string): Promise<pg.Client> {
    const holder = new pg.Client({ connectionString: store.url });
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT FROM series JOIN metric ON metric.id = metric_id WHERE name = $1 FOR UPDATE OF series', [
      metric,
    ]);
    return holder;
  }
  const onAllPages = (check: (page: string) => void) =>
    eventually(async () => {
      for (const page of await Promise.all(servers.map((each) => scrape(each)))) check(page);
    });

  test('one of two renames at once wins', async () => {
    await pushAll(
      one,
      ['race_a', 'race_b'].map((name) => ({ name, value: 1 })),
    );
    const apart = await Promise.all([rename(one, 'race_a', 'race_c'), rename(two, 'race_a', 'race_d')]);
    expect(apart.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 404]);
    const name = apart[0]!.status === 200 ? 'race_c' : 'race_d';
    const together = await Promise.all([rename(one, name, 'race_e'), rename(two, 'race_b', 'race_e')]);
    expect(together.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
    const [renamed, removed] = await Promise.all([rename(one, 'race_e', 'race_f'), remove(two, 'race_e')]);
    expect([renamed.status, removed.status].toSorted((a, b) => a - b)).toEqual([200, 404]);
    expect(await storedNames('^race_f$')).toEqual(renamed.status === 200 ? ['race_f'] : []);
  });

  test('waits until no process of an older version is alive', async () => {
    await pushAll(one, [{ name: 'patient', value: 1 }]);
    await store.client.query(
      `INSERT INTO sample_writer (id, alive_at, reads_blocks, follows_corrections, takes_turns)
       VALUES (1000, now(), true, true, true)`,
    );
    const refused = await rename(one, 'patient', 'renamed_patient');
    expect([refused.status, refused.body.message]).toEqual([503, expect.stringContaining('of an older version')]);
    await store.client.query(`UPDATE sample_writer SET alive_at = now() - interval '10 minutes' WHERE id = 1000`);
    expect((await rename(one, 'patient', 'renamed_patient')).status).toBe(200);
  });

  test('changes nothing if a process of an older version is started meanwhile', async () => {
    await pushAll(one, [{ name: 'guarded', value: 1 }]);
    const holder = await lockSeriesOf('guarded');
    const answer = rename(one, 'guarded', 'renamed_guarded');
    await untilRenameWaits();
    await store.client.query(
      'INSERT INTO sample_writer (id, reads_blocks, follows_corrections, takes_turns) VALUES (1001, true, true, true)',
    );
    await holder.query('COMMIT');
    await holder.end();
    expect(await answer).toMatchObject({
      status: 503,
      body: { message: expect.stringContaining('of an older version') },
    });
    expect(await storedNames('guarded')).toEqual(['guarded']);
    await store.client.query('DELETE FROM sample_writer WHERE id = 1001');
  });

  test('tries again if Postgres ends it because of a deadlock', async () => {
    await pushAll(
      one,
      ['1', '2'].map((n) => ({ name: 'entangled_total', value: 1, labels: { n } })),
    );
    // A removal of idle series locks the series first, and then their metric.
    const holder = await lockSeriesOf('entangled_total');
    await holder.query(`SET LOCAL deadlock_timeout = '1min'`);
    const answer = rename(two, 'entangled_total', 'loose_total');
    await untilRenameWaits();
    // The rename notices the deadlock first, so it is the one that is ended.
    await holder.query(`UPDATE metric SET updated_at = clock_timestamp() WHERE name = 'entangled_total'`);
    await holder.query('COMMIT');
    await holder.end();
    expect(await answer).toMatchObject({ status: 200, body: { seriesCount: 2 } });
    expect(await storedNames('^(entangled|loose)_total$')).toEqual(['loose_total']);
  });

  test('a process that is killed in the middle leaves everything as it was', async () => {
    const victim = await store.start(IN_BLOCKS);
    await pushAll(
      victim,
      ['1', '2'].map((n) => ({ name: 'killed_total', value: 1, labels: { n } })),
    );
    // The identity of the last series is changed last.
    const holder = await lockSeriesOf('killed_total');
    const answer = rename(victim, 'killed_total', 'survived_total').catch(() => 'lost');
    await untilRenameWaits();
    await victim.kill();
    expect(await answer).toBe('lost');
    await holder.end();
    expect(await storedNames('^(killed|survived)_total$')).toEqual(['killed_total']);
    await pushAll(
      two,
      ['2', '3'].map((n) => ({ name: 'killed_total', value: 1, labels: { n } })),
    );
    expect((await rename(two, 'killed_total', 'survived_total')).body.seriesCount).toBe(3);
    await onAllPages((page) => expect(valueOn(page, 'survived_total{n="2"}')).toBe(2));
  });

  test('loses and doubles no sample while three processes take pushes', async () => {
    let isOver = false;
    const pushed = new Map<string, number>();
    const note = (name: string, value: number) => pushed.set(name, (pushed.get(name) ?? 0) + value);
    const load = servers.map(async (server, index) => {
      for (let round = 0; !isOver; round++) {
        // Some series are new in each round, so that some pushes find out about a rename while they create series.
        const items = ['busy', 'calm'].flatMap((name) => [
          { name: `${name}_total`, value: 1, labels: { process: String(index) } },
          { name: `${name}_total`, value: 1, labels: { process: String(index), round: String(round % 40) } },
        ]);
        const response = await push(server, items);
        expect([response.status, await response.text()]).toEqual([202, '']);
        note('busy', 2);
        note('calm', 2);
        await sleep(2);
      }
    });
    const pages: string[] = [];
    const watcher = (async () => {
      for (; !isOver; await sleep(10)) pages.push(await scrape(servers[pages.length % 3]!));
    })();
    await eventually(() => expect(pushed.get('busy')).toBeGreaterThan(20));
    for (let round = 0; round < 12; round++) {
      const server = servers[round % 3]!;
      const name = round % 2 === 0 ? 'busy' : 'calm';
      // The metric is there again as soon as a push of a process that knows of the last rename has created it.
      await eventually(async () =>
        expect((await rename(server, `${name}_total`, `${name}_${round}_total`)).status).toBe(200),
      );
      if (round % 4 === 3) {
        const former = `${name}_${round - 2}_total`;
        expect((await rename(servers[(round + 1) % 3]!, former, `${name}_again_${round}_total`)).status).toBe(200);
      }
    }
    isOver = true;
    await Promise.all([...load, watcher]);
    for (const name of ['busy', 'calm']) {
      const [{ sum }] = (await rowsOf<{ sum: number }>('SELECT sum(value) FROM metric_sample WHERE metric LIKE $1', [
        `${name}%`,
      ])) as [{ sum: number }];
      expect([name, sum]).toEqual([name, pushed.get(name)]);
    }
    const stored = await rowsOf<{ line: string }>(
      `SELECT metric || labels::text || sum(value) AS line FROM metric_sample WHERE metric ~ '^(busy|calm)' GROUP BY metric, labels`,
    );
    expect((await storedNames('^(busy|calm)')).length).toBeGreaterThanOrEqual(12);
    await onAllPages((page) => {
      const lines = page.split('\n').filter((line) => /^(?:busy|calm)_/.test(line));
      const total = lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
      expect([lines.length, total]).toEqual([stored.length, pushed.get('busy')! + pushed.get('calm')!]);
    });
    const [first, ...others] = await Promise.all(servers.map(async (each) => customLinesOf(await scrape(each))));
    for (const each of others) expect(each).toEqual(first);
    for (const page of pages) {
      const types = page.split('\n').filter((line) => line.startsWith('# TYPE'));
      expect(new Set(types).size).toBe(types.length);
    }
  });
});

/** Returns the lines of the series that the tests have pushed, sorted. */
function customLinesOf(page: string): string[] {
  return page
    .split('\n')
    .filter((line) => /^(?:busy|calm)_/.test(line))
    .toSorted();
}
