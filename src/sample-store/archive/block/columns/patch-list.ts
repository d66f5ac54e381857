import type { BitWriter } from '../bits/bit-writer.js';
import { ColumnPlan } from './column-plan.js';
import { splitWord, wordsOf } from '../bits/double-words.js';
import { PATCH_COUNT_BITS } from '../format.js';

const NO_VALUES = new Float64Array(0);

/** Collects the values that a formula does not reproduce bit for bit. They are stored separately. */
export class PatchList {
  count = 0;
  private values: Float64Array = NO_VALUES;
  private places = new Float64Array(16);
  private readonly placePlan = new ColumnPlan();
  private readonly highPlan = new ColumnPlan();
  private readonly lowPlan = new ColumnPlan();

  /** Starts an empty list of patches for these values. */
  start(values: Float64Array): void {
    this.values = values;
    this.count = 0;
  }

  add(place: number): void {
    if (this.count === this.places.length) {
      const { places } = this;
      this.places = new Float64Array(2 * places.length);
      this.places.set(places);
    }
    this.places[this.count++] = place;
  }

  placeOf(patch: number): number {
    return this.places[patch]!;
  }

  /**
   * Replaces patched integers at the beginning with the first integer that is not patched, because repeating it costs no bits.
   */
  fillBefore(integers: Float64Array): void {
    let patched = 0;
    while (patched < this.count && this.places[patched] === patched) patched++;
    if (patched < this.values.length) integers.fill(integers[patched]!, 0, patched);
  }

  /** @returns the number of bits that the list takes */
  plan(): number {
    const { count, places } = this;
    if (count === 0) return 0;
    const words = wordsOf(this.values);
    const highs = new Float64Array(count);
    const lows = new Float64Array(count);
    for (let patch = 0; patch < count; patch++) splitWord(words, places[patch]!, highs, lows, patch);
    const bits = this.placePlan.plan(places, count) + this.highPlan.plan(highs, count) + this.lowPlan.plan(lows, count);
    return PATCH_COUNT_BITS + bits;
  }

  write(writer: BitWriter): void {
    if (this.count === 0) return;
    writer.write(this.count, PATCH_COUNT_BITS);
    this.placePlan.write(writer);
    this.highPlan.write(writer);
    this.lowPlan.write(writer);
  }
}
