import fc from 'fast-check';
import { KnownSeries } from '../../../../test/support/machines/known-series.js';
import { rowOf } from '../../../../test/support/machines/log-rows.js';
import { seriesOf } from '../../../../test/support/machines/series.js';
import type { Catalog } from '../../../catalog/catalog.js';
import { completeOptions } from '../../../custom-metrics.options.js';
import { KnownDatabase } from '../../../database/known-database.js';
import { LiveValues } from '../../../live-values/live-values.js';
import type { LogRow } from '../../log/log-row.js';
import { type LoadedState, LogApplier } from './log-applier.js';
import { DatabaseSchema } from '../../../database/schema/database-schema.js';

const COUNTER = seriesOf(1, 'counter');
const GAUGE = seriesOf(2, 'gauge');
const TOTAL = seriesOf(3, 'counter', 'cumulative');
const SERIES = [COUNTER, GAUGE, TOTAL];
const WRITERS = [1, 2, 3];

/**
 * Generates rows of one writer in the order of their sequence numbers, with only a few times, so that many samples have the same
 * time.
 */
const rowsOfWriter = (writerId: number) =>
  fc
    .array(
      fc.tuple(fc.array(fc.tuple(fc.constantFrom(1, 2, 3), fc.nat(9)), { minLength: 1, maxLength: 3 }), fc.nat(2)),
      { maxLength: 6 },
    )
    .map((drafts) => {
      let receivedAt = 0;
      return drafts.map(([samples, later], index) => rowOf(writerId, index + 1, samples, (receivedAt += later)));
    });

const log = fc.tuple(...WRITERS.map(rowsOfWriter));

/** Generates a step: rows of a writer arrive, possibly after a repetition of some earlier ones, or a reload begins or ends. */
const step = fc.oneof(
  fc.record({ writer: fc.nat(2), repeated: fc.nat(3), count: fc.integer({ min: 1, max: 3 }), isOwn: fc.boolean() }),
  fc.record({ reloadReads: fc.tuple(fc.nat(6), fc.nat(6), fc.nat(6)) }),
  fc.constant('reload ends' as const),
);

function makeApplier() {
  const live = new LiveValues();
  const catalog = new KnownSeries(SERIES) as Partial<Catalog> as Catalog;
  return {
    live,
    applier: new LogApplier(catalog, live, new KnownDatabase(new DatabaseSchema('public')), completeOptions({})),
  };
}

const valuesIn = (live: LiveValues) => SERIES.map((each) => [live.valueOf(each), live.newestAtOf(each)]);

const asCommitted = (row: LogRow) => ({ ...row, series: Array.from(row.seriesIds, (id) => SERIES[id - 1]!) });

async function inPlainOrder(rows: readonly LogRow[]) {
  const { live, applier } = makeApplier();
  await applier.apply(rows);
  return valuesIn(live);
}

/** Begins a reload whose snapshot has the first rows of each writer. */
function beginReload(applier: LogApplier, snapshot: readonly (readonly LogRow[])[]) {
  let load = () => {};
  const ended = applier.reload(
    (fresh) =>
      new Promise<LoadedState>((resolve) => {
        load = () => {
          for (const rows of snapshot) for (const row of rows) fresh.apply(asCommitted(row));
          resolve({ sequences: new Map(snapshot.map((rows, index) => [WRITERS[index]!, rows.length])), correction: 0 });
        };
      }),
  );
  return {
    reads: snapshot.map((rows) => rows.length),
    end: () => {
      load();
      return ended;
    },
  };
}

describe('LogApplier, in any order', () => {
  it('shows the same values for any order of writers, repeated rows and reloads', async () => {
    await fc.assert(
      fc.asyncProperty(log, fc.array(step, { maxLength: 25 }), async (writers, steps) => {
        const { live, applier } = makeApplier();
        const delivered = writers.map(() => 0);
        let reload: ReturnType<typeof beginReload> | undefined;
        let shown = 0;
        for (const each of steps) {
          if (each === 'reload ends') {
            await reload?.end();
            reload?.reads.forEach((count, writer) => (delivered[writer] = Math.max(delivered[writer]!, count)));
            reload = undefined;
          } else if ('reloadReads' in each) {
            // Rows that are shown were committed before, so every later snapshot has them, and possibly more.
            reload ??= beginReload(
              applier,
              writers.map((rows, index) => rows.slice(0, Math.max(delivered[index]!, each.reloadReads[index]!))),
            );
          } else {
            const first = Math.max(delivered[each.writer]! - each.repeated, 0);
            const rows = writers[each.writer]!.slice(first, first + each.count);
            if (each.isOwn) for (const row of rows) applier.applyCommitted(asCommitted(row));
            else await applier.apply(rows);
            delivered[each.writer] = Math.max(delivered[each.writer]!, first + rows.length);
          }
          // Prometheus treats every fall of a counter as a restart.
          const now = live.valueOf(COUNTER) || 0;
          expect(now).toBeGreaterThanOrEqual(shown);
          shown = now;
        }
        await reload?.end();
        await applier.apply(writers.flat());
        expect(valuesIn(live)).toEqual(await inPlainOrder(writers.flat()));
        expect(writers.map((rows, index) => [rows.length, applier.applied.get(WRITERS[index]!) ?? 0])).toEqual(
          writers.map((rows) => [rows.length, rows.length]),
        );
      }),
      { numRuns: 300 },
    );
  });
});
