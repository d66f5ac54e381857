import { MAX_SAMPLES } from '../format.js';

/** Minimum length of vectors that are compared. For shorter ones, sharing a base vector would cost more than it saves. */
const FEWEST_TIMES = 8;
const SAMPLED_TIMES = 16;
/**
 * Number of times that are compared first. If the group has none of them, the others are not compared, because most pairs of
 * vectors have nothing in common.
 */
const FIRST_SAMPLED_TIMES = 3;
/**
 * A vector joins a group if the group contains at least this share of the vector's compared times. The series of the vector then
 * seem to be pushed by the group's client.
 */
const SHARE_IN_COMMON = 0.5;

/** Vectors of series that the same client seems to push, and the union of their times. */
export interface TimeGroup {
  readonly members: number[];
  union: Float64Array;
}

/**
 * Groups vectors that have at least about half of their times in common, like those of series that miss some pushes of their
 * client.
 */
export function groupByCommonTimes(vectors: readonly Float64Array[]): TimeGroup[] {
  const groups: TimeGroup[] = [];
  const byLength = [...vectors.keys()].toSorted((a, b) => vectors[b]!.length - vectors[a]!.length);
  for (const index of byLength) {
    const times = vectors[index]!;
    if (times.length < FEWEST_TIMES) break;
    const group = groups.find(({ union }) => hasMostOf(union, times));
    if (group === undefined) {
      groups.push({ members: [index], union: times });
      continue;
    }
    const union = unite(group.union, times);
    if (union.length > MAX_SAMPLES) continue;
    group.union = union;
    group.members.push(index);
  }
  return groups.filter(({ members }) => members.length > 1);
}

/** Returns whether the union has at least half of the times that are sampled evenly from a vector. */
function hasMostOf(union: Float64Array, times: Float64Array): boolean {
  const stride = Math.max(1, Math.floor(times.length / SAMPLED_TIMES));
  let tried = 0;
  let found = 0;
  for (let index = 0; index < times.length; index += stride) {
    tried++;
    if (hasTime(union, times[index]!)) found++;
    if (tried === FIRST_SAMPLED_TIMES && found === 0) return false;
  }
  return found >= tried * SHARE_IN_COMMON;
}

function hasTime(times: Float64Array, wanted: number): boolean {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return times[low] === wanted;
}

/**
 * Returns the times of both arrays in order. A time that occurs several times is in the result as often as in the array that
 * contains it more often.
 */
function unite(a: Float64Array, b: Float64Array): Float64Array {
  const united = new Float64Array(a.length + b.length);
  let count = 0;
  let fromA = 0;
  let fromB = 0;
  while (fromA < a.length || fromB < b.length) {
    const nextA = fromA < a.length ? a[fromA]! : Infinity;
    const nextB = fromB < b.length ? b[fromB]! : Infinity;
    united[count++] = Math.min(nextA, nextB);
    if (nextA <= nextB) fromA++;
    if (nextB <= nextA) fromB++;
  }
  return count === a.length ? a : united.slice(0, count);
}
