import { stretchOf, type UnforwardedRow } from './stretch.js';

function row(
  writerId: number,
  sequence: number,
  options: { samples?: number; isEndOfPage?: boolean } = {},
): UnforwardedRow {
  const { samples = 1, isEndOfPage = false } = options;
  return {
    writerId,
    sequence,
    receivedAt: sequence,
    arrivedAt: sequence,
    seriesIds: new Int32Array(samples),
    timestamps: null,
    values: new Float64Array(samples),
    isEndOfPage,
  };
}

describe('a stretch', () => {
  it('has the last row of each writer', () => {
    const stretch = stretchOf([row(1, 4), row(2, 4), row(1, 5), row(1, 6)]);
    expect([...stretch.positions]).toEqual([
      [1, 6],
      [2, 4],
    ]);
    expect([stretch.sampleCount, stretch.isCut]).toEqual([4, false]);
  });

  it('ends with the last row that was read of a writer that has more', () => {
    const stretch = stretchOf([row(1, 4), row(2, 4, { isEndOfPage: true }), row(1, 5)]);
    expect([...stretch.positions]).toEqual([
      [1, 4],
      [2, 4],
    ]);
    expect(stretch.isCut).toBe(true);
    expect(stretchOf([row(1, 4, { isEndOfPage: true })]).isCut).toBe(true);
  });

  it('ends when it has enough samples, and has at least one row', () => {
    const stretch = stretchOf([row(1, 1, { samples: 900_000 }), row(1, 2)]);
    expect([stretch.sampleCount, stretch.isCut]).toEqual([900_000, true]);
    expect(stretchOf([])).toMatchObject({ rows: [], sampleCount: 0, isCut: false });
  });
});
