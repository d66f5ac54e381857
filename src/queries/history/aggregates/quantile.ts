import type { Turns } from '../../../scheduling/turns.js';

/** Number of values that are sorted without a pause, which takes a millisecond or two. */
const SORTED_AT_ONCE = 10_000;

/** Number of values between two checks of the clock. */
const VALUES_PER_TURN = 16_384;

/**
 * Returns the value below which a share of the values lies, with linear interpolation between two neighbours, as PromQL's
 * `quantile`, numpy and PERCENTILE.INC of spreadsheets do.
 *
 * @param values at least one value, none of them NaN; their order changes
 * @param share the share, from 0 to 1
 */
export async function quantile(values: number[], share: number, turns: Turns): Promise<number> {
  const rank = share * (values.length - 1);
  const below = Math.floor(rank);
  const lower = await select(values, below, turns);
  if (rank === below) return lower;
  let upper = Infinity;
  for (let index = below + 1; index < values.length; index++) {
    if (values[index]! < upper) upper = values[index]!;
    if (index % VALUES_PER_TURN === 0) await turns.give();
  }
  // The result is the sum of the two weighted values. Adding a share of their difference to the lower one would not work, because
  // the difference of two large values can exceed the range of a double.
  return lower === upper ? lower : lower * (1 - (rank - below)) + upper * (rank - below);
}

/**
 * Finds the value that sorting would put at an index, and leaves no smaller value after it (quickselect). The values are
 * partitioned around a random one of them, and the search continues in the part that contains the index. The choice is random
 * so that no order of the samples is always slow.
 */
async function select(values: number[], index: number, turns: Turns): Promise<number> {
  let first = 0;
  let last = values.length - 1;
  while (last - first >= SORTED_AT_ONCE) {
    const pivot = values[first + Math.floor(Math.random() * (last - first + 1))]!;
    // Smaller values are before `less`, larger values after `greater`, and equal values between the two.
    let less = first;
    let greater = last;
    let looked = 0;
    for (let at = first; at <= greater;) {
      const value = values[at]!;
      if (value < pivot) {
        values[at++] = values[less]!;
        values[less++] = value;
      } else if (value > pivot) {
        values[at] = values[greater]!;
        values[greater--] = value;
      } else {
        at++;
      }
      if (++looked % VALUES_PER_TURN === 0) await turns.give();
    }
    if (index < less) last = less - 1;
    else if (index > greater) first = greater + 1;
    else return pivot;
  }
  const sorted = Float64Array.from(values.slice(first, last + 1)).toSorted();
  for (let at = first; at <= last; at++) values[at] = sorted[at - first]!;
  return values[index]!;
}
