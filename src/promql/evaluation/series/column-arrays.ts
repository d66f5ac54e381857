import type { Column } from './column.js';

/** V8 allocates arrays of up to this many numbers on its own heap, which costs less than a part of a larger array. */
const MAX_SMALL = 8;

/** Columns with more steps than this get arrays of their own, because their memory costs more than the arrays themselves. */
const MAX_SHARED = 1_024;

/** Maximum length of an array that several columns share. */
const MAX_SHARED_LENGTH = 65_536;

/**
 * Makes the arrays of many columns with the same steps. They are parts of larger arrays, because the engine takes longer to allocate two
 * arrays for each of ten thousand series than to fill them.
 */
export class ColumnArrays {
  private values = new Float64Array(0);
  private present = new Uint8Array(0);
  private used = 0;

  constructor(private readonly steps: number) {}

  /** Returns arrays with a place for each step. All places are 0. */
  take(): Pick<Column, 'values' | 'present'> {
    const { steps } = this;
    if (steps <= MAX_SMALL || steps > MAX_SHARED) {
      return { values: new Float64Array(steps), present: new Uint8Array(steps) };
    }
    if (this.used + steps > this.values.length) this.makeRoom();
    const first = this.used;
    this.used += steps;
    return { values: this.values.subarray(first, this.used), present: this.present.subarray(first, this.used) };
  }

  private makeRoom(): void {
    // The first arrays are short, because most queries are of few series.
    const columns = Math.max(1, Math.floor(Math.min(MAX_SHARED_LENGTH, 8 * this.values.length) / this.steps));
    this.values = new Float64Array(columns * this.steps);
    this.present = new Uint8Array(columns * this.steps);
    this.used = 0;
  }
}
