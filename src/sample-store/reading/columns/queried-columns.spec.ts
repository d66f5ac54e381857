import { Turns } from '../../../scheduling/turns.js';
import { QueriedColumns } from './queried-columns.js';
import type { ReadSeries } from './series-samples.js';

const RANGE = { from: 0, to: 100 };
const seriesOf = (id: number): ReadSeries => ({ id, kind: 'gauge', canOnlyRise: false });

describe('QueriedColumns', () => {
  it.each([
    ['ascending', [3, 5, 8, 70]],
    ['unordered', [8, 3, 70, 5]],
  ])('finds the columns of %s ids in any order', async (_, ids) => {
    const series = ids.map(seriesOf);
    const columns = await QueriedColumns.of({ ...RANGE, series }, new Turns());
    for (const id of [3, 5, 8, 70, 70, 5, 3, 8]) expect(columns.find(id)?.series.id).toBe(id);
    for (const id of [0, 4, 69, 71]) expect(columns.find(id)).toBeUndefined();
    columns.find(5)!.addLogSample(10, 1);
    const samples = await columns.toSamples(new Turns());
    expect(samples.map((each) => [each.series.id, ...each.values])).toEqual(
      ids.map((id) => (id === 5 ? [5, 1] : [id])),
    );
  });

  it('makes columns only of series with samples, if only those are wanted', async () => {
    const series = [3, 5, 8].map(seriesOf);
    const columns = await QueriedColumns.of({ ...RANGE, series, onlyWithSamples: true }, new Turns());
    columns.find(8)!.addLogSample(10, 1);
    columns.find(3)!.addLogSample(10, 1);
    expect(columns.find(4)).toBeUndefined();
    expect((await columns.toSamples(new Turns())).map((each) => each.series.id)).toEqual([3, 8]);
  });
});
