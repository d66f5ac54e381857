import { isolatedIn, layersOf, stackedTotals, type ChartLine } from './model.js';

const line = (key: string, slot: number | null, values: (number | null)[]): ChartLine => ({
  key,
  name: key,
  slot,
  values,
});

describe('numbers without a line to them', () => {
  it('are those between two gaps, or between a gap and the end', () => {
    expect(isolatedIn([1, null, 2, 3, null, 0, null, 4])).toEqual([0, 5, 7]);
    expect(isolatedIn([5])).toEqual([0]);
    expect(isolatedIn([1, 2])).toEqual([]);
  });
});

describe('the layers of stacked bars', () => {
  const lines = [
    ...Array.from({ length: 8 }, (_, index) => line(`line ${index}`, index, [index, 1, null])),
    line('others', null, [10, 10, 10]),
  ];

  it('are six lines and the sum of all others', () => {
    const layers = layersOf(lines);
    expect(layers.map(({ key }) => key)).toEqual([...lines.slice(0, 6).map(({ key }) => key), 'others']);
    expect(layers.at(-1)!.values).toEqual([6 + 7 + 10, 12, 10]);
  });

  it('sum up to the same as the lines', () => {
    expect(stackedTotals(layersOf(lines), 3)).toEqual(stackedTotals(lines, 3));
  });

  it('are the lines themselves where they are few', () => {
    expect(layersOf(lines.slice(0, 3))).toEqual(lines.slice(0, 3));
  });
});
