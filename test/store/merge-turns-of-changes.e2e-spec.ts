import { DatabaseSchema } from '../../src/database/schema/database-schema.js';
import { undoLaterTurns } from '../../src/sample-store/archive/turns/restored-turns.js';
import { ArchiveWork } from '../support/archive-work.js';
import { HOUR, slowSeries, START } from '../support/slow-series.js';
import { type Fault, StatementFaults } from '../support/statement-faults.js';

const FAULTS = ['not sent', 'no answer', 'connection lost'] satisfies Fault[];

/** Merged blocks are also changed by deletions, and by a restore of only some of the servers. */
describe('a change of merged blocks', () => {
  const slow = slowSeries();
  const { count, push, pushHourly } = slow;
  let changing: ArchiveWork;
  let faults: StatementFaults;

  beforeEach(async () => {
    changing = await ArchiveWork.open(slow.url);
    faults = new StatementFaults(changing.dataSource);
    await pushHourly();
    await slow.work.mergeAll('sample_block_fresh');
    await slow.work.mergeAll('sample_block_waiting');
    expect(await count('sample_block_merged')).toBe(2);
  });

  afterEach(() => changing.close());

  test('by a correction is seen together with the totals and the record, whichever statement fails', async () => {
    // Some of these samples are in fresh blocks and in the log.
    const added = slow.series.filter(({ metric }) => metric.name === 'added_total');
    await push([{ series: added[0]!, at: START + 3 * HOUR, value: 1_000 }]);
    await slow.work.compact();
    await push([{ series: added[0]!, at: START + 3 * HOUR + 1, value: 10_000 }]);
    /** All that a correction changes, from one snapshot. */
    const seen = async () => {
      const [row] = await slow.query(
        `SELECT (SELECT count(*)::int FROM metric_sample) AS samples, (SELECT sum(value) FROM metric_sample WHERE metric = 'added_total') AS sum,
                (SELECT sum(total) FROM series) + (SELECT sum(value) FROM sample_batch, unnest("values") AS value) AS total,
                (SELECT count(*)::int FROM correction) AS corrections,
                (SELECT sum(sum) FROM sample_block, unnest(delta_sums) AS sum WHERE sum <> 'NaN')
                  + (SELECT sum(value) FROM sample_batch, unnest("values") AS value) AS sums`,
      );
      return row as { samples: number; sum: number; total: number; corrections: number; sums: number };
    };
    const correct = (hour: number) =>
      changing.corrections.correct({
        metric: 'added_total',
        labels: [],
        series: added,
        range: { from: START + hour * HOUR, to: START + (hour + 1) * HOUR },
        isDryRun: false,
        tokenId: 1,
      });
    const before = await seen();
    expect([before.sum, before.total, before.sums]).toEqual([12_152, 12_152, 12_152]);
    faults.arm();
    // Of each hour, every counter loses one sample, which makes up a sum of 4 × (hour + 0.5).
    expect(await correct(0)).toMatchObject({ series: 4, samples: 4, blocks: 2 });
    faults.disarm();
    let expected = {
      samples: before.samples - 4,
      sum: before.sum - 2,
      total: before.sum - 2,
      corrections: 1,
      sums: before.sum - 2,
    };
    expect(await seen()).toEqual(expected);
    const statements = faults.sent;
    let hour = 4;
    for (const fault of FAULTS) {
      for (let failing = 0; failing < statements; failing++) {
        faults.arm(failing, fault);
        await expect(correct(hour)).rejects.toThrow();
        faults.disarm();
        const after = await seen();
        if (after.corrections === expected.corrections) {
          expect(after).toEqual(expected);
          continue;
        }
        // Only the answer to the commit was lost.
        expect([fault, failing]).toEqual(['no answer', statements - 1]);
        const sum = expected.sum - 4 * (hour++ + 0.5);
        expected = { samples: expected.samples - 4, sum, total: sum, sums: sum, corrections: expected.corrections + 1 };
        expect(after).toEqual(expected);
      }
    }
    expect(await correct(3)).toMatchObject({ series: 4, samples: 6 });
    expect((await seen()).sum).toBe(expected.sum - 4 * 3.5 - 11_000);
    expect(await correct(3)).toMatchObject({ samples: 0 });
  });

  test('by a removal of series leaves the others alone, whichever statement fails', async () => {
    const [first, ...others] = slow.series;
    const gone = slow.pushed.filter(({ series }) => series === first);
    await slow.query('UPDATE series SET deleted_at = now() WHERE id = $1', [first!.id]);
    const remaining = slow.pushed.length - gone.length;
    const stored = async () => {
      const rows = await slow.query('SELECT sum(sample_count)::int AS n FROM sample_block');
      return (rows as [{ n: number }])[0].n;
    };
    const check = async () => {
      expect(await count('metric_sample')).toBe(remaining);
      const found = await slow.work.reader.read({ series: others, from: 0, to: START + 99 * HOUR, maxSamples: 1e6 });
      expect(found.map(({ values }) => values.length)).toEqual(others.map(() => 24));
    };
    expect(await stored()).toBe(slow.pushed.length);
    for (const fault of FAULTS) {
      for (let failing = 0; failing < 30; failing++) {
        faults.arm(failing, fault);
        await changing.removal.deleteSomeMerged([first!.id]).catch(() => undefined);
        faults.disarm();
        await check();
      }
    }
    while (await changing.removal.deleteSomeMerged([first!.id]));
    expect(await stored()).toBe(remaining);
    await check();
  });

  test('that a restored database does not know is undone by a command', async () => {
    const backup = await slow.query('SELECT * FROM sample_merge');
    const before = await count('metric_sample');
    // The rest of the database is restored to this moment, and the merged blocks are not.
    await push(slow.series.map((series) => ({ series, at: START + HOUR + 9, value: 1 })));
    await slow.work.compact();
    await slow.work.mergeAll('sample_block_fresh');
    await slow.work.mergeAll('sample_block_waiting');
    expect(await count('sample_block_merged')).toBe(4);
    await slow.query(`UPDATE sample_merge SET turn = $1, tried_turn = $2, abandoned = $3::int8multirange`, [
      (backup as [{ turn: string }])[0].turn,
      (backup as [{ tried_turn: string }])[0].tried_turn,
      (backup as [{ abandoned: string }])[0].abandoned,
    ]);
    expect(await count('metric_sample')).toBe(before);
    const undo = () => undoLaterTurns(changing.archive, new DatabaseSchema('public'));
    expect(await undo()).toEqual({ deleted: 2, revived: 2 });
    expect(await undo()).toEqual({ deleted: 0, revived: 0 });
    expect([await count('metric_sample'), await count('sample_block_merged')]).toEqual([before, 2]);
    // The numbers of the undone turns are not used again.
    await push(slow.series.map((series) => ({ series, at: START + HOUR + 9, value: 1 })));
    await slow.work.compact();
    await slow.work.mergeAll('sample_block_fresh');
    await slow.work.mergeAll('sample_block_waiting');
    expect(await count('metric_sample')).toBe(before + slow.series.length);
    const [{ turn }] = (await slow.query('SELECT turn FROM sample_merge')) as [{ turn: string }];
    expect(Number(turn)).toBeGreaterThan(Number((backup as [{ turn: string }])[0].turn) + 1);
  });
});
