/** Columns with more steps than this get arrays of their own, because their memory costs more than the arrays themselves. */
const MAX_SHARED = 1_024;

/** Maximum length of an array that several columns share. */
const MAX_SHARED_LENGTH = 65_536;

/**
 * Makes the arrays of many columns with the same steps. They are parts of larger arrays, because the engine takes longer to allocate two
 * arrays for each of ten thousand series than to fill them. Even a part costs a hundred bytes of garbage.
 */
export class ColumnArrays {
  /** The flags of all columns that have a value at every step, which are most columns. */
  readonly presentEverywhere: Uint8Array;
  private readonly parts: PartsOf<Float64Array>;
  private readonly flags: PartsOf<Uint8Array>;

  /** @param columns the number of columns that there will probably be */
  constructor(steps: number, columns: number) {
    this.presentEverywhere = new Uint8Array(steps).fill(1);
    this.parts = new PartsOf(steps, columns, (length) => new Float64Array(length));
    // Few columns have steps without a value.
    this.flags = new PartsOf(steps, 1, (length) => new Uint8Array(length));
  }

  /** Returns an array with a place for the value of each step. All places are 0. */
  values(): Float64Array {
    return this.parts.take();
  }

  /** Returns an array with a 1 for each step whose place is not the one that stands for no value. */
  present(places: Int32Array, noValue: number): Uint8Array {
    const present = this.flags.take();
    for (let step = 0; step < places.length; step++) if (places[step] !== noValue) present[step] = 1;
    return present;
  }
}

/** Parts of larger arrays, each with a place for every step. */
class PartsOf<Numbers extends Float64Array | Uint8Array> {
  private whole: Numbers;
  private used = 0;

  constructor(
    private readonly steps: number,
    private readonly expected: number,
    private readonly make: (length: number) => Numbers,
  ) {
    this.whole = make(0);
  }

  take(): Numbers {
    const { steps } = this;
    if (steps > MAX_SHARED) return this.make(steps);
    if (this.used + steps > this.whole.length) this.makeRoom();
    const first = this.used;
    this.used += steps;
    return this.whole.subarray(first, this.used) as Numbers;
  }

  private makeRoom(): void {
    const wanted = Math.max(this.expected * this.steps, 8 * this.whole.length);
    const columns = Math.max(1, Math.floor(Math.min(MAX_SHARED_LENGTH, wanted) / this.steps));
    this.whole = this.make(columns * this.steps);
    this.used = 0;
  }
}
