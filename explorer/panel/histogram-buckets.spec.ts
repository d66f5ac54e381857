import { boundOf, cellsOf, heatmapOf, quantile, rowOf } from './histogram-buckets.js';

const bounds = [0.1, 0.5, 1, Infinity];

describe('the buckets of a histogram', () => {
  it('are the differences of neighbours, which sum up to all observations', () => {
    expect(cellsOf([2, 5, 5, 9])).toEqual([2, 3, 0, 4]);
    expect(cellsOf([2, 5, 4, 9]).reduce((sum, count) => sum + count, 0)).toBe(9);
    expect(cellsOf([2, 5, 4, 9]).every((count) => count >= 0)).toBe(true);
  });

  it.each([
    // PromQL's `histogram_quantile` returns the same values.
    [0.5, [10, 20, 20, 20], 0.1],
    [0.75, [10, 20, 20, 20], 0.3],
    [0.95, [0, 10, 20, 20], 0.95],
    [0.25, [20, 20, 20, 20], 0.025],
    // Only the lower bound of the last bucket is known.
    [0.99, [0, 0, 0, 5], 1],
    [0.9, [1, 1, 1, 10], 1],
  ])('have the quantile %d of %j at %d', (share, upTo, expected) => {
    expect(quantile(share, { bounds, upTo })).toBeCloseTo(expected, 12);
  });

  it('have no quantile without observations, or without a last bucket', () => {
    expect(quantile(0.5, { bounds, upTo: [0, 0, 0, 0] })).toBeNull();
    expect(quantile(0.5, { bounds: [1, 2], upTo: [1, 2] })).toBeNull();
  });

  it('are shown without empty rows at both ends', () => {
    const wide = [0.01, 0.1, 0.5, 1, 5, Infinity];
    const map = heatmapOf(wide, [
      [0, 0, 3, 3, 3, 3],
      [0, 0, 1, 2, 2, 2],
    ]);
    expect(map.bounds).toEqual([0.1, 0.5, 1, 5]);
    expect(map.floor).toBe(0.01);
    expect(map.counts).toEqual([
      [0, 3, 0, 0],
      [0, 1, 1, 0],
    ]);
  });

  it('are equally high, with values between their bounds', () => {
    const map = { bounds: [0.1, 0.5, 1], floor: 0, counts: [] };
    expect(rowOf(0.05, map)).toBeCloseTo(0.5);
    expect(rowOf(0.3, map)).toBeCloseTo(1.5);
    expect(rowOf(1, map)).toBe(3);
    expect(rowOf(7, map)).toBe(3);
  });

  it('read their bounds from the label', () => {
    expect(['0.5', '+Inf', 'Inf', '5e-05'].map(boundOf)).toEqual([0.5, Infinity, Infinity, 0.00005]);
    expect(boundOf('')).toBeNaN();
  });
});
