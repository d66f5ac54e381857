/** The value of a series at one step. */
export interface RankedValue {
  readonly value: number;
  /** The index of its series. */
  readonly series: number;
}

/**
 * Keeps the k best values, with the worst of them on top.
 *
 * The way in which the heap moves its entries decides which of several equal values are kept. Entries are moved exactly as in
 * Go's `container/heap`, so that `topk` gives the same answers.
 */
export class ValueHeap {
  private readonly entries: RankedValue[] = [];

  /** @param isSmallestOnTop true for topk, false for bottomk; NaN is on top in both cases */
  constructor(
    private readonly limit: number,
    private readonly isSmallestOnTop: boolean,
  ) {}

  /**
   * Adds a value, unless as many better ones are known.
   *
   * @param series the index of its series
   */
  offer(value: number, series: number): void {
    if (this.entries.length < this.limit) {
      this.entries.push({ value, series });
      this.moveUp(this.entries.length - 1);
      return;
    }
    const top = this.entries[0]!;
    const isBetter = this.isSmallestOnTop ? top.value < value : top.value > value;
    if (isBetter || (Number.isNaN(top.value) && !Number.isNaN(value))) {
      this.entries[0] = { value, series };
      this.moveDown();
    }
  }

  /** The indexes of the series of the values, in any order. */
  get places(): number[] {
    return this.entries.map(({ series }) => series);
  }

  /** The values, with the best first and NaN last. */
  get ranked(): RankedValue[] {
    const direction = this.isSmallestOnTop ? -1 : 1;
    return this.entries.toSorted((a, b) => {
      if (Number.isNaN(a.value) || Number.isNaN(b.value)) {
        return Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value));
      }
      return direction * (a.value < b.value ? -1 : Number(a.value > b.value));
    });
  }

  private isAbove(a: RankedValue, b: RankedValue): boolean {
    return Number.isNaN(a.value) || (this.isSmallestOnTop ? a.value < b.value : a.value > b.value);
  }

  private moveUp(from: number): void {
    let child = from;
    while (child > 0) {
      const parent = Math.floor((child - 1) / 2);
      if (!this.isAbove(this.entries[child]!, this.entries[parent]!)) {
        return;
      }
      this.swap(parent, child);
      child = parent;
    }
  }

  private moveDown(): void {
    let parent = 0;
    for (;;) {
      let child = 2 * parent + 1;
      if (child >= this.entries.length) {
        return;
      }
      if (child + 1 < this.entries.length && this.isAbove(this.entries[child + 1]!, this.entries[child]!)) {
        child++;
      }
      if (!this.isAbove(this.entries[child]!, this.entries[parent]!)) {
        return;
      }
      this.swap(parent, child);
      parent = child;
    }
  }

  private swap(a: number, b: number): void {
    const held = this.entries[a]!;
    this.entries[a] = this.entries[b]!;
    this.entries[b] = held;
  }
}
