import type { QueryBudget } from '../query-budget.js';
import { withPresence, type Column } from '../series/column.js';
import { ValueHeap } from './value-heap.js';

/** Maximum number of values that the heaps of several steps hold together. They take a few megabytes. */
const MAX_HEAP_VALUES = 65_536;

/**
 * Selects the series with the best values at each step. If there is only one step, they are ordered, best first.
 *
 * @param limits the number of series to select at each step
 * @param isLargest true for topk, false for bottomk
 */
export function bestSeries(
  members: readonly Column[],
  limits: Float64Array,
  isLargest: boolean,
  budget: QueryBudget,
): Column[] {
  const steps = limits.length;
  // Few of many series are chosen, so only those get an array.
  const chosen = new Map<number, Uint8Array>();
  for (let first = 0; first < steps;) {
    const heaps = heapsFrom(first, limits, isLargest);
    offerAll(members, heaps, first, budget);
    if (steps === 1) {
      return heaps[0]?.ranked.map(({ series }) => withPresence(members[series]!, Uint8Array.of(1))) ?? [];
    }
    for (const [index, heap] of heaps.entries()) {
      for (const place of heap?.places ?? []) {
        let present = chosen.get(place);
        if (present === undefined) {
          chosen.set(place, (present = new Uint8Array(steps)));
        }
        present[first + index] = 1;
      }
    }
    first += heaps.length;
  }
  const inOrder = [...chosen].toSorted(([a], [b]) => a - b);
  return inOrder.map(([place, present]) => withPresence(members[place]!, present));
}

/** Returns heaps for the next steps, or null for a step that asks for no series. */
function heapsFrom(first: number, limits: Float64Array, isLargest: boolean): (ValueHeap | null)[] {
  const heaps: (ValueHeap | null)[] = [];
  let values = 0;
  for (let step = first; step < limits.length; step++) {
    values += Math.max(0, limits[step]!);
    if (values > MAX_HEAP_VALUES && heaps.length > 0) {
      break;
    }
    heaps.push(limits[step]! < 1 ? null : new ValueHeap(limits[step]!, isLargest));
  }
  return heaps;
}

/**
 * Offers the values of all series to the heaps of some steps. The steps of a series are visited together, because its values are next to
 * each other in memory.
 */
function offerAll(
  members: readonly Column[],
  heaps: readonly (ValueHeap | null)[],
  first: number,
  budget: QueryBudget,
): void {
  for (let place = 0; place < members.length; place++) {
    const { present, values } = members[place]!;
    budget.work(heaps.length);
    for (let index = 0; index < heaps.length; index++) {
      if (present[first + index] === 1) {
        heaps[index]?.offer(values[first + index]!, place);
      }
    }
  }
}
