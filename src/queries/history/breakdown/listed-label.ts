import type { MetricType } from '../../../catalog/metric/metric.js';
import { smallest } from '../../selection/smallest.js';
import type { BrokenDownLabelResponse, BrokenDownValueResponse } from './breakdown.response.js';
import { BEFORE, NOW } from './period-figures.js';
import { scoreOf } from './score.js';
import type { ValueCell } from './value-cell.js';

/** Maximum size of all listed names and values of an answer, in bytes of JSON. */
const MAX_LISTED_BYTES = 160_000;

/** Maximum number of vanished values that are listed for a label. */
const MAX_VANISHED = 10;

/** A label as the answer lists it. */
export type DescribedLabel = Pick<BrokenDownLabelResponse, keyof BrokenDownLabelResponse>;

interface RankedValue {
  readonly value: string;
  readonly cell: ValueCell;
  readonly state: 'new' | 'vanished' | undefined;
  readonly size: number;
}

/** Describes one label of a breakdown with its score and its largest values. */
export async function describeLabel({
  name,
  cells,
  whole,
  type,
  maxValues,
  hasPast,
}: {
  readonly name: string;
  readonly cells: ReadonlyMap<string, ValueCell>;
  readonly whole: ValueCell;
  readonly type: MetricType;
  readonly maxValues: number;
  /** False if retention has dropped the whole period before. In that case no value counts as new. */
  readonly hasPast: boolean;
}): Promise<DescribedLabel> {
  const values: RankedValue[] = [];
  for (const [value, cell] of cells) {
    const isNow = cell.samplesOf(NOW) > 0;
    const isBefore = cell.samplesOf(BEFORE) > 0;
    if (!isNow && !isBefore) continue;
    const state = isNow === isBefore || !hasPast ? undefined : isNow ? 'new' : 'vanished';
    values.push({ value, cell, state, size: Math.max(sizeOf(cell, type, NOW), sizeOf(cell, type, BEFORE)) });
  }
  const vanished = values.filter(({ state }) => state === 'vanished');
  const largest = await smallest(values, maxValues, bySize);
  return {
    name,
    score: scoreOf(
      type,
      values.map(({ cell }) => cell),
      whole,
    ),
    valuesTotal: values.length,
    newTotal: values.filter(({ state }) => state === 'new').length,
    vanishedTotal: vanished.length,
    values: largest.toSorted((a, b) => Number(b.state === 'new') - Number(a.state === 'new')).map(listed),
    vanished: (await smallest(vanished, MAX_VANISHED, bySize)).map(listed),
  };
}

/**
 * Orders labels by descending score. Of equal scores, the label with fewer values comes first. Labels without a score come last.
 */
export function compareLabels(a: DescribedLabel, b: DescribedLabel): number {
  if (a.score !== b.score) return (b.score ?? -1) - (a.score ?? -1);
  if (a.score !== null && a.valuesTotal !== b.valuesTotal) return a.valuesTotal - b.valuesTotal;
  return a.name < b.name ? -1 : 1;
}

/** Leaves out the values that no longer fit in an answer, so that an answer stays small even if labels have many long values. */
export class ListedBytes {
  private left = MAX_LISTED_BYTES;

  /** Returns a label without the values that do not fit. Labels must be given in the order of their importance. */
  fit(label: DescribedLabel): DescribedLabel {
    this.takes({ ...label, values: [], vanished: [] });
    return {
      ...label,
      values: label.values.filter((value) => this.takes(value)),
      vanished: label.vanished.filter((value) => this.takes(value)),
    };
  }

  private takes(listedAs: object): boolean {
    const bytes = Buffer.byteLength(JSON.stringify(listedAs));
    if (bytes > this.left) return false;
    this.left -= bytes;
    return true;
  }
}

/**
 * Returns the size of a value. For a histogram it is the number of observations, because the percentile of a few can be anything.
 */
function sizeOf(cell: ValueCell, type: MetricType, period: typeof BEFORE | typeof NOW): number {
  return type === 'histogram' ? cell.weightOf(period) : (cell.measureOf(period) ?? -Infinity);
}

function bySize(a: RankedValue, b: RankedValue): number {
  if (a.size !== b.size) return b.size - a.size;
  return a.value < b.value ? -1 : 1;
}

function listed({ value, cell, state }: RankedValue): BrokenDownValueResponse {
  return {
    value,
    now: cell.measureOf(NOW),
    before: cell.measureOf(BEFORE),
    seriesCount: cell.seriesCount,
    ...(state !== undefined && { state }),
  };
}
