import type { LogRow } from '../../sample-store/log/log-row.js';
import type { Positions } from './lease.js';

/** A row that has not been forwarded. */
export interface UnforwardedRow extends LogRow {
  /**
   * The latest arrival time among this row and the earlier rows of its writer. It never falls from one row of a writer to the
   * next, even if the clock of Postgres was set back.
   */
  readonly arrivedAt: number;
  /** True for the last row of a writer that was read, if the writer has more rows. */
  readonly isEndOfPage: boolean;
}

/** Approximate number of samples that are forwarded between two commits of the position. */
const MAX_SAMPLES = 200_000;

/** Rows that are forwarded together, in the order of their arrival. */
export interface Stretch {
  readonly rows: readonly UnforwardedRow[];
  /** The last row of each writer. */
  readonly positions: Positions;
  readonly sampleCount: number;
  /** True if there are more rows that can be forwarded now. */
  readonly isCut: boolean;
}

/**
 * Chooses the rows that are forwarded next.
 *
 * If not all rows of a writer were read, rows of other writers that arrived after the last one that was read have to wait,
 * because the unread rows may have arrived before them.
 *
 * @param rows rows in the order of their arrival; those of each writer begin with the first that has not been forwarded
 */
export function stretchOf(rows: readonly UnforwardedRow[]): Stretch {
  let end = 0;
  let samples = 0;
  for (let isFull = false; end < rows.length && !isFull; end++) {
    samples += rows[end]!.values.length;
    isFull = samples >= MAX_SAMPLES || rows[end]!.isEndOfPage;
  }
  return wholeStretchOf(rows.slice(0, end), end < rows.length || rows[end - 1]?.isEndOfPage === true);
}

/** Makes a stretch of all of the rows. */
export function wholeStretchOf(rows: readonly UnforwardedRow[], isCut = true): Stretch {
  const positions = new Map<number, number>();
  for (const { writerId, sequence } of rows) positions.set(writerId, sequence);
  return { rows, positions, sampleCount: rows.reduce((sum, { values }) => sum + values.length, 0), isCut };
}
