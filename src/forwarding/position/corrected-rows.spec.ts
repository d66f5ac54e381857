import { type WaitingCorrection, withoutDeleted } from './corrected-rows.js';

const correction = (more: Partial<WaitingCorrection> = {}): WaitingCorrection => ({
  seriesIds: new Set([1, 2]),
  from: 100,
  to: 200,
  until: new Map([[7, 10]]),
  ...more,
});

const row = (more: object = {}) => ({
  writerId: 7,
  sequence: 10,
  receivedAt: 150,
  seriesIds: Int32Array.of(1, 2, 3, 1),
  timestamps: Float64Array.of(99, 100, 150, 199) as Float64Array | null,
  values: Float64Array.of(10, 20, 30, 40),
  ...more,
});

const left = ({ seriesIds, timestamps, values }: ReturnType<typeof row>) => ({
  ids: [...seriesIds],
  times: timestamps && [...timestamps],
  values: [...values],
});

describe('a row that waited while samples were deleted', () => {
  it('loses the samples of the series in the range, and no others', () => {
    expect(left(withoutDeleted(row(), [correction()]))).toEqual({ ids: [1, 3], times: [99, 150], values: [10, 30] });
  });

  it('is compared by its arrival if its samples have no times of their own', () => {
    const arrived = row({ timestamps: null });
    expect(left(withoutDeleted(arrived, [correction()]))).toEqual({ ids: [3], times: null, values: [30] });
    expect(withoutDeleted(arrived, [correction({ to: 150 })]).values).toHaveLength(4);
  });

  it('stays without samples, so that the position passes it', () => {
    const emptied = withoutDeleted(row(), [correction({ seriesIds: new Set([1, 2, 3]), from: 0 })]);
    expect(left(emptied)).toEqual({ ids: [], times: [], values: [] });
    expect(emptied.sequence).toBe(10);
  });

  it.each([
    ['the row arrived after the correction', { sequence: 11 }],
    ['no row of its writer waited', { writerId: 8 }],
  ])('stays as it is if %s', (_name, more) => {
    const later = row(more);
    expect(withoutDeleted(later, [correction()])).toBe(later);
  });

  it('follows several corrections', () => {
    const corrections = [correction({ seriesIds: new Set([2]) }), correction({ seriesIds: new Set([3]) })];
    expect(left(withoutDeleted(row(), corrections)).values).toEqual([10, 40]);
  });
});
