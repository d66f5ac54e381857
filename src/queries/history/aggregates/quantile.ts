import type { Turns } from '../../../scheduling/turns.js';

/** So many values are sorted in a millisecond or two. */
const SORTED_AT_ONCE = 10_000;

/** Values looked at between two looks at the clock. */
const VALUES_PER_TURN = 16_384;

/**
 * The value below which a share of the values lies, between two neighbours by linear interpolation: what PromQL's
 * `quantile`, numpy and PERCENTILE.INC of spreadsheets do.
 *
 * @param values not empty, none NaN; their order changes
 * @param share 0 to 1
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
  // Halves added, not a difference: that of two large values may be more than a double can hold.
  return lower === upper ? lower : lower * (1 - (rank - below)) + upper * (rank - below);
}

/**
 * Finds the value that a sort would put at an index, and leaves no smaller value behind it (quickselect): parts the values
 * by one of them, chosen by chance so that no order of the samples is a bad one, and goes on in the part with the index.
 */
async function select(values: number[], index: number, turns: Turns): Promise<number> {
  let first = 0;
  let last = values.length - 1;
  while (last - first >= SORTED_AT_ONCE) {
    const pivot = values[first + Math.floor(Math.random() * (last - first + 1))]!;
    // Smaller values come before `less`, larger ones after `greater`, and equal ones between.
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
