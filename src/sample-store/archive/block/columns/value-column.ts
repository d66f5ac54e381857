import type { BitWriter } from '../bits/bit-writer.js';
import { BinaryPlan, DecimalPlan, RawPlan, SumPlan, type ValuePlan } from './value-plans.js';
import { MODE_BITS } from '../format.js';

/** If at most one in this many values is a patch and the decimals are short, no mode other than decimals is tried. */
const VALUES_PER_PATCH = 64;

/** Chooses the mode in which the values of a member take the fewest bits, and writes them. */
export class ValueColumn {
  private readonly decimal = new DecimalPlan();
  private readonly others: readonly ValuePlan[] = [new BinaryPlan(), new SumPlan(), new RawPlan()];

  write(writer: BitWriter, values: Float64Array): void {
    let best: ValuePlan = this.decimal;
    let bits = best.plan(values);
    if (bits === Infinity || best.patches.count * VALUES_PER_PATCH > values.length || this.decimal.hasManyDigits) {
      for (const other of this.others) {
        const otherBits = other.plan(values);
        if (otherBits >= bits) continue;
        best = other;
        bits = otherBits;
      }
    }
    writer.reserve(MODE_BITS + 1 + bits);
    writer.write(best.mode, MODE_BITS);
    writer.write(best.patches.count > 0 ? 1 : 0, 1);
    best.patches.write(writer);
    best.write(writer);
  }
}
