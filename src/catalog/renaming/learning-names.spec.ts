import fc from 'fast-check';
import { catalogOn, StoredCatalog, wanting } from '../../../test/support/machines/stored-catalog.js';
import type { Catalog } from '../catalog.js';
import { CatalogIndex } from '../catalog-index.js';
import type { MetricRow } from '../catalog.repository.js';
import { Series } from '../series/series.js';
import { NameChanges } from './name-changes.js';

const all = (stored: StoredCatalog) => Array.from(stored.metrics.values());
const push = async (catalog: Catalog, name: string, label: string, more = {}): Promise<Series> => {
  const [series] = await catalog.ensureSeries([wanting(name, label, more)]);
  if (!(series instanceof Series)) throw new Error('refused');
  return series;
};

describe('learning names that another process has changed', () => {
  let stored: StoredCatalog;
  let catalog: Catalog;

  beforeEach(() => {
    stored = new StoredCatalog();
    catalog = catalogOn(stored);
  });

  it('keeps the series of a renamed metric, and clears caches of resolved items', async () => {
    const series = await push(catalog, 'a', '1');
    const { generation } = catalog;
    stored.rename({ from: 'a', to: 'b' });
    await catalog.learn(all(stored));
    expect([series.isRemoved, series.metric.name, catalog.findMetric('a')]).toEqual([false, 'b', undefined]);
    expect(catalog.findMetric('b')?.series.get('l="1"')).toBe(series);
    expect(catalog.generation).toBeGreaterThan(generation);
  });

  it('keeps a renamed metric of which it sees only the successor under the former name', async () => {
    const series = await push(catalog, 'a', '1');
    stored.rename({ from: 'a', to: 'b' });
    const successor = await push(catalogOn(stored), 'a', '1');
    // The process learns of a new metric that has the name of a known one.
    await catalog.takeMetrics([stored.metrics.get('a')!]);
    expect([series.isRemoved, series.metric.name]).toEqual([false, 'b']);
    expect([catalog.findMetric('a')?.id, catalog.findMetric('b')]).toEqual([successor.metric.id, series.metric]);
  });

  it('drops a deleted metric of which it sees only the successor', async () => {
    const series = await push(catalog, 'a', '1');
    stored.deleteMetric('a');
    await push(catalogOn(stored), 'a', '1');
    await catalog.takeMetrics([stored.metrics.get('a')!]);
    expect([series.isRemoved, catalog.findMetric('a')?.id]).toEqual([true, stored.metrics.get('a')!.id]);
  });

  it('creates a new metric if a new series of the former name is pushed', async () => {
    const series = await push(catalog, 'a', '1');
    stored.rename({ from: 'a', to: 'b' });
    const created = await push(catalog, 'a', '2');
    expect([created.metric.name, created.metric === series.metric, series.isRemoved]).toEqual(['a', false, false]);
    expect(catalog.findMetric('b')).toBe(series.metric);
  });

  it('renames a histogram and its counters in one step, whichever of them is read first', async () => {
    await catalog.ensureMetric({ name: 'h', type: 'histogram' });
    const sum = await push(catalog, 'h_sum', '1', { type: 'counter', temporality: 'delta' });
    stored.rename({ from: 'h', to: 'g' }, { from: 'h_sum', to: 'g_sum' });
    await catalog.takeMetrics([stored.metrics.get('g_sum')!]);
    expect([catalog.findMetric('g')?.type, catalog.findMetric('g_sum')]).toEqual(['histogram', sum.metric]);
    expect([catalog.findMetric('h'), catalog.findMetric('h_sum')]).toEqual([undefined, undefined]);
  });

  it('knows a metric as renamed if a declaration under the former name fails', async () => {
    const { metric } = await push(catalog, 'a', '1');
    stored.rename({ from: 'a', to: 'b' });
    expect(await catalog.describe(metric, { help: 'Help' }, true)).toBe(false);
    expect([metric.isRemoved, metric.name, catalog.findMetric('b')]).toEqual([false, 'b', metric]);
  });

  it.each([
    ['the metric that had the name', { id: 5, name: 'x', rename_id: 11 }, { 3: 'a', 5: 'x', 7: 'y' }],
    ['a metric whose new name is another one’s', { id: 5, name: 'x', rename_id: 8 }, { 3: 'x', 5: 'y' }],
  ])('keeps %s if another rename is committed between two reads', (_, moved, expected) => {
    const described = { type: 'gauge' as const, temporality: null, help: null, unit: null, created_at: new Date(0) };
    const rowOf = (id: number, name: string, renameId: number | null = null): MetricRow => {
      return { id, name, rename_id: renameId, ...described };
    };
    const index = new CatalogIndex();
    for (const row of [rowOf(3, 'a'), rowOf(5, 'y')]) index.addMetric(row);
    const changes = new NameChanges([rowOf(3, 'x', 9), rowOf(7, 'y')], index);
    const { missing } = changes;
    expect(missing).toEqual({ ids: [5], renameIds: [9] });
    changes.add(missing!, [{ ...described, ...moved }]);
    const rows = changes.usableRows();
    index.renameMetrics(rows);
    for (const row of rows) index.addMetric(row);
    expect(Object.fromEntries(Array.from(index.metrics, ({ id, name }) => [id, name]))).toEqual(expected);
  });

  it('agrees with the stored names in the end, and loses no series, for any order of pushes, renames and reads', async () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const step = fc.oneof(
      fc.record({ kind: fc.constant('push' as const), process: fc.nat(1), name, label: fc.constantFrom('1', '2') }),
      fc.record({ kind: fc.constant('rename' as const), from: name, to: name }),
      fc.record({ kind: fc.constant('delete' as const), name }),
      // A poll that reads only some rows, and applies them later, when they may be outdated.
      fc.record({ kind: fc.constant('read' as const), process: fc.nat(1), part: fc.nat(7), delay: fc.nat(3) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const database = new StoredCatalog();
        const processes = [catalogOn(database), catalogOn(database)];
        const pushed = new Map<number, Series[]>();
        const later: (() => Promise<void>)[][] = [];
        for (const [index, each] of steps.entries()) {
          for (const read of later[index] ?? []) await read();
          if (each.kind === 'push') {
            const series = await push(processes[each.process]!, each.name, each.label);
            pushed.set(series.id, [...(pushed.get(series.id) ?? []), series]);
          } else if (each.kind === 'rename') {
            if (database.metrics.has(each.from) && !database.metrics.has(each.to)) database.rename(each);
          } else if (each.kind === 'delete') {
            database.deleteMetric(each.name);
          } else {
            const rows = all(database).filter((_, place) => (each.part >> place) % 2 === 1);
            (later[index + each.delay + 1] ??= []).push(() => processes[each.process]!.takeMetrics(rows));
          }
        }
        const stored = new Map(Array.from(database.series, ([key, { id }]) => [id, key]));
        for (const process of processes) {
          await process.takeMetrics(all(database));
          await process.dropVanished([...process.metrics]);
          const names = Array.from(process.metrics, (metric) => [metric.name, metric.id] as const);
          expect(new Map(names)).toEqual(new Map(all(database).map((row) => [row.name, row.id])));
          expect(names).toHaveLength(database.metrics.size);
        }
        for (const [id, copies] of pushed) {
          for (const copy of new Set(copies)) {
            expect(copy.isRemoved).toBe(!stored.has(id));
            if (stored.has(id)) expect(`${copy.metric.name}{${copy.labelsText}}`).toBe(stored.get(id));
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
