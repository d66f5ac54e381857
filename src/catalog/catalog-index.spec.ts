import fc from 'fast-check';
import { CatalogIndex } from './catalog-index.js';
import type { MetricRow } from './catalog.repository.js';
import type { SeriesRow } from './series/series-row.js';

function metricRow(id: number, name = `m${id}`, renameId: number | null = null): MetricRow {
  const described = { temporality: null, help: null, unit: null, created_at: new Date(0) };
  return { id, name, type: 'gauge', rename_id: renameId, ...described };
}

function seriesRow(id: number, metricId = 1, label = String(id)): SeriesRow {
  return {
    id,
    metric_id: metricId,
    labels_text: `label="${label}"`,
    temporality: null,
    created_by_token_id: id % 2 || null,
    is_scraped: false,
    created_at_ms: 0,
  };
}

describe('CatalogIndex', () => {
  it('never gives one slot to two series, and never uses more slots than the largest number of series at one time', () => {
    const step = fc.record({ isRemoval: fc.boolean(), choice: fc.nat() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const index = new CatalogIndex();
        const metric = index.addMetric(metricRow(1))!;
        let ids: number[] = [];
        let nextId = 1;
        let mostAtOnce = 0;
        for (const { isRemoval, choice } of steps) {
          if (isRemoval && ids.length > 0) {
            const id = ids[choice % ids.length]!;
            expect(index.removeSeries(id)).toBe(true);
            ids = ids.filter((each) => each !== id);
          } else {
            index.addSeries(seriesRow(nextId));
            ids.push(nextId++);
          }
          mostAtOnce = Math.max(mostAtOnce, ids.length);
          const slots = [...metric.series.values()].map(({ slot }) => slot);
          expect(new Set(slots).size).toBe(ids.length);
          for (const slot of slots) expect(slot).toBeLessThan(mostAtOnce);
          expect(index.seriesCount).toBe(ids.length);
          expect(index.seriesCountOfToken(1)).toBe(ids.filter((id) => id % 2 === 1).length);
        }
      }),
    );
  });

  it('marks a removed series or metric for code that still holds it', () => {
    const index = new CatalogIndex();
    const metric = index.addMetric(metricRow(1))!;
    index.addSeries(seriesRow(1));
    const series = index.findSeriesById(1)!;
    expect([metric.isRemoved, series.isRemoved]).toEqual([false, false]);
    expect(index.removeMetric(1)).toBe(true);
    expect([metric.isRemoved, series.isRemoved]).toEqual([true, true]);
    expect([index.findMetric('m1'), index.findSeriesById(1), [...index.metrics]]).toEqual([undefined, undefined, []]);
    expect([index.removeMetric(1), index.removeSeries(1)]).toEqual([false, false]);
  });

  it('removes a metric with all its series in one step, and frees their memory one series at a time', () => {
    const index = new CatalogIndex();
    const metric = index.addMetric(metricRow(1))!;
    for (let id = 1; id <= 100; id++) index.addSeries(seriesRow(id));
    const held = [...metric.series.values()];
    const bytes = index.bytes;
    index.removeMetric(1);
    expect(held.every(({ isRemoved }) => isRemoved)).toBe(true);
    expect(held.every(({ id }) => index.findSeriesById(id) === undefined)).toBe(true);
    expect(index.removeSeries(1)).toBe(false);
    // Each step clears one series, so that the event loop is never blocked for a time that grows with the number of series.
    const clearing = index.clearRemoved();
    for (let step = 1; step <= 50; step++) clearing.next();
    expect(index.seriesCount).toBe(50);
    // Between two steps, a series can be added, and another call can complete the clearing.
    index.addMetric(metricRow(2));
    index.addSeries(seriesRow(101, 2));
    for (const step of index.clearRemoved()) expect(step).toBeUndefined();
    expect(clearing.next().done).toBe(true);
    expect([index.seriesCount, index.hasToClear, index.seriesCountOfToken(1)]).toEqual([1, false, 1]);
    expect(index.bytes).toBeLessThan(bytes / 20);
    expect(index.findSeriesById(101)!.slot).toBeLessThan(100);
  });

  it('replaces an older metric by a newer one of the same name, but not the other way round', () => {
    const index = new CatalogIndex();
    const older = index.addMetric(metricRow(1, 'm'))!;
    index.addSeries(seriesRow(1, 1));
    const newer = index.addMetric(metricRow(2, 'm'));
    expect(newer).not.toBe(older);
    expect(older.isRemoved).toBe(true);
    expect(index.findSeriesById(1)).toBeUndefined();
    while (index.clearRemoved().next().done !== true);
    expect(index.seriesCount).toBe(0);
    expect(index.addMetric(metricRow(1, 'm'))).toBe(newer);
    expect(index.findMetric('m')).toBe(newer);
    // The removal of the older metric must not remove the newer one.
    index.removeMetric(1);
    expect(index.findMetric('m')).toBe(newer);
  });

  it('renames metrics in one step, also if they exchange their names, and ignores outdated rows', () => {
    const index = new CatalogIndex();
    const [a, b] = [index.addMetric(metricRow(1, 'a'))!, index.addMetric(metricRow(2, 'größe'))!];
    index.addSeries(seriesRow(1, 1));
    const series = index.findSeriesById(1)!;
    const { bytes } = index;
    expect(index.renameMetrics([metricRow(1, 'größe', 7), metricRow(2, 'a', 6)])).toBe(true);
    expect([index.findMetric('größe'), index.findMetric('a'), series.metric.name]).toEqual([a, b, 'größe']);
    expect([a.hasLegacyName, b.hasLegacyName, [...index.utf8Metrics.values()]]).toEqual([false, true, [a]]);
    // All these rows are outdated: two were read before the renames, and the rename of the third is already known.
    expect(index.renameMetrics([metricRow(1, 'a'), metricRow(2, 'größe'), metricRow(2, 'größe', 6)])).toBe(false);
    expect([index.findMetric('größe'), index.findMetric('a'), index.bytes]).toEqual([a, b, bytes]);
    index.renameMetrics([metricRow(1, 'a_long_name', 8)]);
    expect(index.bytes).toBe(bytes + 'a_long_name'.length - 'größe'.length);
    expect([index.findMetric('größe'), series.isRemoved, index.utf8Metrics.size]).toEqual([undefined, false, 0]);
    // This row is outdated, because the first metric got the name in a later rename.
    expect(index.renameMetrics([metricRow(2, 'a_long_name', 7)])).toBe(false);
    expect([index.findMetric('a_long_name'), index.findMetric('a')]).toEqual([a, b]);
    // A new metric has the name of a known one, which must have been deleted.
    expect(index.addMetric(metricRow(9, 'a'))).not.toBe(b);
    expect([b.isRemoved, index.addMetric(metricRow(2, 'a', 6))?.id]).toEqual([true, 9]);
  });

  it('does not add a series whose metric is gone', () => {
    const index = new CatalogIndex();
    index.addMetric(metricRow(1))!;
    index.removeMetric(1);
    index.addSeries(seriesRow(1, 1));
    expect(index.findSeriesById(1)).toBeUndefined();
  });
});
