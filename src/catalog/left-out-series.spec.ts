import { Logger } from '@nestjs/common';
import { CatalogIndex } from './catalog-index.js';
import type { MetricRow } from './catalog.repository.js';
import { LeftOutSeries } from './left-out-series.js';
import type { SeriesRow } from './series/series-row.js';

const metricRow = (id: number): MetricRow => {
  const described = { temporality: null, help: null, unit: null, created_at: new Date(0) };
  return { id, name: `m${id}`, type: 'gauge', rename_id: null, ...described };
};

const seriesRow = (id: number, metric_id: number): SeriesRow => ({
  id,
  metric_id,
  labels_text: `id="${id}"`,
  temporality: null,
  created_by_token_id: null,
  is_scraped: false,
  created_at_ms: 0,
});

describe('LeftOutSeries', () => {
  let index: CatalogIndex;

  /** Three metrics with two series each, and a fourth one, a series of which does not fit into memory. */
  beforeEach(() => {
    jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    index = new CatalogIndex();
    for (const metric of [1, 2, 3, 4]) {
      index.addMetric(metricRow(metric));
      for (const id of [2 * metric - 1, 2 * metric]) index.addSeries(seriesRow(id, metric));
    }
    index.leaveOutSeriesOf(4);
  });

  afterEach(() => jest.restoreAllMocks());

  async function count(stored: ReadonlyMap<number, number>, meanwhile = () => {}): Promise<number> {
    const leftOut = new LeftOutSeries(
      () => {
        meanwhile();
        return Promise.resolve(stored);
      },
      'Test',
      1,
    );
    await leftOut.countIn(index);
    return leftOut.count;
  }

  const incomplete = () => Array.from(index.metrics).flatMap(({ id, isIncomplete }) => (isIncomplete ? [id] : []));

  it('counts what is not in memory, and marks its metrics', async () => {
    expect(await count(new Map([1, 2, 3].map((id) => [id, 2 + (id % 2)] as const)).set(4, 3))).toBe(3);
    expect([incomplete(), index.isCompleteOfMetrics]).toEqual([[1, 3, 4], true]);
    expect(await count(new Map([[5, 1]]))).toBe(0);
    expect(index.isCompleteOfMetrics).toBe(false);
  });

  it('marks no metric because of series that are removed while it counts, or whose removal is not known yet', async () => {
    const stored = new Map([
      [1, 2],
      [2, 2],
      [3, 1],
      [4, 3],
    ]);
    const remove = () => {
      index.removeMetric(1);
      index.removeSeries(3);
    };
    await count(stored, remove);
    expect([incomplete(), index.isCompleteOfMetrics]).toEqual([[4], true]);
  });
});
