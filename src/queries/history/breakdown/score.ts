import type { MetricType } from '../../../catalog/metric/metric.js';
import { BEFORE, NOW } from './period-figures.js';
import { GaugeCell, type ValueCell } from './value-cell.js';

/**
 * Maximum number of values of a label that gets a score. A label with very many values would get a high score by chance alone.
 */
const MAX_SCORED_VALUES = 100;

/**
 * Returns how much a metric differs between the values of a label. Scores of different types of metrics are not comparable.
 *
 * - For a counter it is the sum of the absolute changes of the values' shares between the periods, plus the concentration in the
 *   range: 0 if all values have the same share, and 1 if one value has everything.
 * - For a gauge it is the share of the variance in the range that the values explain.
 * - For a histogram it is the mean distance, in the range, between the 95th percentile of each value and that of all series
 *   together. The mean is weighted by observations and divided by the percentile of all series.
 *
 * @param cells the figures of each value that has samples in at least one of the periods
 * @param whole the figures of all series together
 * @returns a number that is at least 0, or null for a label whose values can't be compared
 */
export function scoreOf(type: MetricType, cells: readonly ValueCell[], whole: ValueCell): number | null {
  if (cells.length < 2 || cells.length > MAX_SCORED_VALUES) return null;
  const score =
    type === 'counter'
      ? movement(cells, whole) + concentration(cells, whole)
      : type === 'gauge'
        ? explainedVariance(cells, whole)
        : spread(cells, whole);
  return Number.isFinite(score) ? score : 0;
}

/** Returns the sum of the absolute changes of the values' shares, from 0 to 2. Returns 0 if either period is empty. */
function movement(cells: readonly ValueCell[], whole: ValueCell): number {
  const now = whole.weightOf(NOW);
  const before = whole.weightOf(BEFORE);
  if (!(now > 0) || !(before > 0)) return 0;
  let sum = 0;
  for (const cell of cells) sum += Math.abs(cell.weightOf(NOW) / now - cell.weightOf(BEFORE) / before);
  return sum;
}

/** Returns 1 minus the normalized entropy of the shares in the range, or 0 if the range is empty. */
function concentration(cells: readonly ValueCell[], whole: ValueCell): number {
  const total = whole.weightOf(NOW);
  if (!(total > 0)) return 0;
  let entropy = 0;
  for (const cell of cells) {
    const share = cell.weightOf(NOW) / total;
    if (share > 0) entropy -= share * Math.log(share);
  }
  return Math.max(0, 1 - entropy / Math.log(cells.length));
}

function explainedVariance(cells: readonly ValueCell[], whole: ValueCell): number {
  if (!(whole instanceof GaugeCell) || !(whole.squaresOf(NOW) > 0)) return 0;
  const mean = whole.measureOf(NOW)!;
  let between = 0;
  for (const cell of cells) {
    const own = cell.measureOf(NOW);
    if (own !== null) between += cell.weightOf(NOW) * (own - mean) ** 2;
  }
  return Math.min(1, between / whole.squaresOf(NOW));
}

function spread(cells: readonly ValueCell[], whole: ValueCell): number {
  const all = whole.measureOf(NOW);
  const total = whole.weightOf(NOW);
  if (all === null || all === 0 || !(total > 0)) return 0;
  let sum = 0;
  for (const cell of cells) {
    const own = cell.measureOf(NOW);
    if (own !== null) sum += (cell.weightOf(NOW) / total) * Math.abs(own - all);
  }
  return sum / Math.abs(all);
}
