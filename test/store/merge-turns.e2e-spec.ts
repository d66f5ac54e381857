import pg from 'pg';
import { TakeTurns1764860000000 } from '../../migrations/1764860000000-take-turns.js';
import { ArchiveWork } from '../support/archive-work.js';
import { CITUS_URL, UNDOING_REFUSED, withoutCitus } from '../support/citus-database.js';
import { SeededRandom } from '../support/seeded-random.js';
import { DAY, HOUR, slowSeries, START } from '../support/slow-series.js';
import { type Fault, StatementFaults } from '../support/statement-faults.js';

const FAULTS = ['not sent', 'no answer', 'connection lost'] satisfies Fault[];
/** In how many ways each statement fails: `MERGE_TURNS_WAYS=3` tries all of them. */
const WAYS = Number(process.env.MERGE_TURNS_WAYS ?? 1);

/** Merged blocks may be on other servers than the rest, so a merge is two transactions, and either may fail at any point. */
describe('a merge', () => {
  const slow = slowSeries();
  const { count, push, pushHourly, expectAll } = slow;
  /** Merges, in place of `slow.work`, which reads. */
  let merging: ArchiveWork;
  let faults: StatementFaults;

  beforeEach(async () => {
    merging = await ArchiveWork.open(slow.url);
    faults = new StatementFaults(merging.dataSource);
  });

  afterEach(() => merging.close());

  const merge = async (set: 'sample_block_fresh' | 'sample_block_waiting') => {
    const [partition] = await slow.work.partitionsOf(set);
    return merging.mergeOnce(set, partition!);
  };

  /** Stores merged, waiting and fresh blocks of one day, of which all are small. */
  async function storeAll(day: number): Promise<void> {
    await pushHourly(day);
    await slow.work.mergeAll('sample_block_fresh');
    await slow.work.mergeAll('sample_block_waiting');
    await push(slow.series.map((series) => ({ series, at: day + HOUR + 7, value: -1 })));
    await slow.work.compact();
    await slow.work.mergeAll('sample_block_fresh');
    await push([{ series: slow.series[2]!, at: day + 2 * HOUR, value: 77 }]);
    await slow.work.compact();
  }

  test('is seen whole or not at all, at every point and whichever statement fails', async () => {
    await storeAll(START);
    await slow.work.mergeAll('sample_block_fresh');
    // Without a fault, readers look before every statement.
    faults.beforeEach = expectAll;
    const backup = await copyAll();
    faults.arm();
    await merge('sample_block_waiting');
    faults.disarm();
    await expectAll();
    const statements = faults.sent;
    expect(statements).toBeGreaterThan(15);
    expect(await count('sample_block_merged WHERE replaced_turn IS NOT NULL')).toBe(2);
    faults.beforeEach = () => Promise.resolve();
    for (let way = 0; way < WAYS; way++) {
      for (let failing = 0; failing < statements; failing++) {
        const fault = FAULTS[(failing + way) % FAULTS.length]!;
        await backup.restore();
        const reader = await openSnapshot();
        faults.arm(failing, fault);
        const outcome = await merge('sample_block_waiting').then(() => 'done', String);
        faults.disarm();
        try {
          expect(outcome).toContain(`Fault at statement ${failing}`);
          await expectAll();
          // The lock of a lost connection is released a moment later.
          while (await count('sample_block_waiting')) await merge('sample_block_waiting');
          await expectAll();
          expect(await reader.count()).toBe(slow.pushed.length);
        } catch (error) {
          throw new Error(`Statement ${failing} of ${statements}, ${fault}: ${String(error)}`, { cause: error });
        } finally {
          await reader.end();
        }
      }
    }
    expect(await count(`sample_merge WHERE abandoned <> '{}'`)).toBe(1);
  });

  /** Copies the rows of the archive, so that each fault finds the same ones. The numbers of turns go on. */
  async function copyAll(): Promise<{ restore(): Promise<void> }> {
    const tables = ['sample_block_fresh', 'sample_block_waiting', 'sample_block_merged'];
    for (const table of tables) await slow.query(`CREATE TABLE copy_of_${table} AS SELECT * FROM ${table}`);
    return {
      restore: async () => {
        await slow.query('BEGIN');
        for (const table of tables) {
          await slow.query(`DELETE FROM ${table}`);
          await slow.query(`INSERT INTO ${table} SELECT * FROM copy_of_${table}`);
        }
        await slow.query('COMMIT');
      },
    };
  }

  /** Begins a snapshot, which sees the present samples for as long as it is open. */
  async function openSnapshot(): Promise<{ count(): Promise<number>; end(): Promise<void> }> {
    const client = new pg.Client({ connectionString: slow.url });
    await client.connect();
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    const counted = async () =>
      Number((await client.query<{ n: string }>('SELECT count(*) AS n FROM metric_sample')).rows[0]!.n);
    expect(await counted()).toBe(slow.pushed.length);
    return { count: counted, end: () => client.end() };
  }

  test('would be seen in part if readers did not look at the turns', async () => {
    await storeAll(START);
    await slow.work.mergeAll('sample_block_fresh');
    const statement = await lastStatementOf(() => merge('sample_block_waiting'));
    expect(statement.text).toBe('COMMIT');
    await storeAll(START + DAY);
    await slow.work.mergeAll('sample_block_fresh');
    faults.arm(statement.index, 'not sent');
    await expect(merge('sample_block_waiting')).rejects.toThrow('Fault');
    faults.disarm();
    await expectAll();
    const { rows } = {
      rows: (await slow.query(`SELECT pg_get_viewdef('sample_block') AS text`)) as [{ text: string }],
    };
    const filter = /\n\s*WHERE [^]*$/.exec(rows[0].text)![0];
    await slow.query(`CREATE OR REPLACE VIEW sample_block AS ${rows[0].text.replace(filter, '')}`);
    await expect(expectAll()).rejects.toThrow();
    await slow.query(`CREATE OR REPLACE VIEW sample_block AS ${rows[0].text}`);
    await expectAll();
  });

  /** Runs a step, and returns its last statement. */
  async function lastStatementOf(step: () => Promise<unknown>): Promise<{ index: number; text: string }> {
    let text = '';
    faults.beforeEach = (statement) => {
      text = statement;
      return Promise.resolve();
    };
    faults.arm();
    await step();
    faults.disarm();
    faults.beforeEach = () => Promise.resolve();
    return { index: faults.sent - 1, text };
  }

  test('whose writing is committed when others have gone on is never seen', async () => {
    await storeAll(START);
    await slow.work.mergeAll('sample_block_fresh');
    let release = () => {};
    const isHeld = new Promise<void>((resolve) => (release = resolve));
    let arrived = () => {};
    const hasArrived = new Promise<void>((resolve) => (arrived = resolve));
    let commits = 0;
    faults.beforeEach = async (statement) => {
      // The transaction that writes is the second one that is committed, after that of the partitions.
      if (statement !== 'COMMIT' || ++commits !== 2) return;
      arrived();
      await isHeld;
    };
    faults.arm();
    const held = merge('sample_block_waiting').then(() => 'done', String);
    await hasArrived;
    await slow.query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    );
    // It has marked rows that this merge has to mark as well, and gives them up when it is committed.
    const other = merge2();
    release();
    await other;
    expect(await held).not.toBe('done');
    faults.disarm();
    await expectAll();
    while (await count('sample_block_waiting')) await merge2();
    await expectAll();
    expect(await count('sample_block_merged')).toBeGreaterThan(await count('sample_block WHERE is_merged'));

    async function merge2(): Promise<unknown> {
      const [partition] = await slow.work.partitionsOf('sample_block_waiting');
      return partition && slow.work.mergeOnce('sample_block_waiting', partition);
    }
  });

  test('of any kind leaves every sample there once, when turns fail again and again, and after they are swept', async () => {
    const random = new SeededRandom(Number(process.env.MERGE_TURNS_SEED ?? 1));
    for (let day = 0; day < 2; day++) await storeAll(START + day * DAY);
    for (let step = 0; step < 30; step++) {
      const set = random.pick(['sample_block_fresh', 'sample_block_waiting'] as const);
      if (random.isTrue(0.2)) {
        await push([{ series: random.pick(slow.series), at: START + random.integer(0, 47) * HOUR, value: step }]);
        await slow.work.compact();
      }
      for (const partition of await slow.work.partitionsOf(set)) {
        faults.arm(random.integer(0, 40), random.pick(FAULTS));
        await merging.mergeOnce(set, partition).catch(() => undefined);
        faults.disarm();
      }
      if (random.isTrue(0.3)) {
        await slow.query(`UPDATE sample_merge SET sweep_at = now() - interval '2 days'`);
        faults.arm(random.integer(0, 30), 'no answer');
        await merging.sweep.sweepIfDue().catch(() => undefined);
        faults.disarm();
      }
      await expectAll();
    }
    for (let sweep = 0; sweep < 3; sweep++) {
      await slow.query(`UPDATE sample_merge SET sweep_at = now() - interval '2 days'`);
      await slow.work.sweep.sweepIfDue();
      await expectAll();
    }
    expect(await count('sample_block_merged')).toBe(await count('sample_block WHERE is_merged'));
    expect(await count('sample_block_merged WHERE replaced_turn IS NOT NULL')).toBe(0);
    // The turns are forgotten with their rows, so that the list does not grow.
    expect(await slow.query('SELECT abandoned::text FROM sample_merge')).toEqual([{ abandoned: '{}' }]);
  });

  test('keeps what it has replaced for a day', async () => {
    await storeAll(START);
    await slow.work.mergeAll('sample_block_fresh');
    await slow.work.mergeAll('sample_block_waiting');
    const rows = await count('sample_block_merged');
    expect(await count('sample_block_merged WHERE replaced_turn IS NOT NULL')).toBe(2);
    await slow.work.sweep.sweepIfDue();
    await slow.query(`UPDATE sample_merge SET sweep_at = now() - interval '23 hours'`);
    await slow.work.sweep.sweepIfDue();
    expect(await count('sample_block_merged')).toBe(rows);
    await slow.query(`UPDATE sample_merge SET sweep_at = now() - interval '25 hours'`);
    // What was replaced after the last sweep may be newer than a day.
    await slow.work.sweep.sweepIfDue();
    expect(await count('sample_block_merged')).toBe(rows);
    await slow.query(`UPDATE sample_merge SET sweep_at = now() - interval '25 hours'`);
    await slow.work.sweep.sweepIfDue();
    expect(await count('sample_block_merged')).toBe(rows - 2);
    await expectAll();
  });

  test('is not tried while a process of an older version is alive, and its database then refuses that version', async () => {
    await slow.query(`UPDATE sample_merge SET begun_at = NULL`);
    await slow.query('INSERT INTO sample_writer (id, alive_at, reads_blocks) VALUES (1000, now(), true)');
    await pushHourly();
    await slow.work.beginBlocks();
    expect(await merge('sample_block_fresh')).toBeUndefined();
    await expectAll();
    await slow.query(`UPDATE sample_writer SET alive_at = now() - interval '6 minutes'`);
    await slow.work.beginBlocks();
    await slow.work.mergeAll('sample_block_fresh');
    await slow.work.mergeAll('sample_block_waiting');
    await expectAll();
    await expect(slow.query('UPDATE sample_writer SET alive_at = now() WHERE id = 1000')).rejects.toThrow(
      'Start a newer version.',
    );
    // The statements by which older versions merge blocks and remove series. Citus refuses the trigger, and has its own reasons to refuse
    // those statements.
    const older = ['DELETE FROM sample_block_merged', 'UPDATE sample_block_merged SET members = 0'];
    for (const statement of CITUS_URL === undefined ? older : []) {
      await expect(slow.query(statement)).rejects.toThrow('Start a newer version.');
    }
    await push([{ series: slow.series[0]!, at: START, value: 5 }]);
    await slow.work.compact();
    await slow.work.mergeAll('sample_block_fresh');
    await slow.work.mergeAll('sample_block_waiting');
    for (let sweep = 0; sweep < 2; sweep++) {
      await slow.query(`UPDATE sample_merge SET sweep_at = now() - interval '2 days'`);
      await slow.work.sweep.sweepIfDue();
    }
    expect(await count('sample_block_merged')).toBe(2);
    await expectAll();
  });

  withoutCitus(UNDOING_REFUSED)('can be undone by the migration, which leaves exactly the current blocks', async () => {
    await storeAll(START);
    await slow.work.mergeAll('sample_block_fresh');
    await slow.work.mergeAll('sample_block_waiting');
    const current = 'SELECT bucket, end_at, id, directory, packed FROM sample_block ORDER BY bucket, end_at, id';
    const blocks = await slow.query(current);
    expect(await count('sample_block_merged')).toBeGreaterThan(blocks.length);
    const runner = merging.dataSource.createQueryRunner();
    try {
      await runner.startTransaction();
      const migration = new TakeTurns1764860000000();
      await migration.down(runner);
      expect(await runner.query(current)).toEqual(blocks);
      expect(await runner.query('SELECT count(*)::int AS n FROM sample_block_merged')).toEqual([{ n: blocks.length }]);
      await migration.up(runner);
      await runner.commitTransaction();
    } finally {
      await runner.release();
    }
    await expectAll();
  });
});
