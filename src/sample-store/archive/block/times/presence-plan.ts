import type { BitWriter } from '../bits/bit-writer.js';
import { ColumnPlan } from '../columns/column-plan.js';
import { MAX_SAMPLES, PRESENCE_BITS, BITMAP, MISSING, PRESENT } from '../format.js';

const missing = new Float64Array(MAX_SAMPLES);
const present = new Float64Array(MAX_SAMPLES);

/**
 * Encodes which of the times of a base a vector has. Vectors of series that missed some pushes of their client are written like
 * this.
 */
export class PresencePlan {
  bits = 0;
  private way = BITMAP;
  private base: Float64Array;
  private times: Float64Array;
  private readonly missingPlan = new ColumnPlan();
  private readonly presentPlan = new ColumnPlan();

  /** @param times some of the times of `base`; a time may occur less often than in `base`, but not more often */
  plan(times: Float64Array, base: Float64Array): number {
    this.times = times;
    this.base = base;
    let taken = 0;
    for (let place = 0; place < base.length; place++) {
      if (taken < times.length && base[place] === times[taken]) present[taken++] = place;
      else missing[place - taken] = place;
    }
    this.bits = PRESENCE_BITS + base.length;
    this.way = BITMAP;
    // Only the shorter list is tried, because it is nearly always the cheaper one.
    const left = base.length - taken;
    if (left <= taken) this.consider(MISSING, this.missingPlan.plan(missing, left));
    else this.consider(PRESENT, this.presentPlan.plan(present, taken));
    return this.bits;
  }

  write(writer: BitWriter): void {
    writer.reserve(this.bits);
    writer.write(this.way, PRESENCE_BITS);
    if (this.way === MISSING) this.missingPlan.write(writer);
    else if (this.way === PRESENT) this.presentPlan.write(writer);
    else this.writeBitmap(writer);
  }

  private consider(way: number, columnBits: number): void {
    if (PRESENCE_BITS + columnBits >= this.bits) return;
    this.way = way;
    this.bits = PRESENCE_BITS + columnBits;
  }

  private writeBitmap(writer: BitWriter): void {
    const { base, times } = this;
    let taken = 0;
    for (let place = 0; place < base.length; place++) {
      const isPresent = taken < times.length && base[place] === times[taken];
      writer.write(isPresent ? 1 : 0, 1);
      if (isPresent) taken++;
    }
  }
}
