import { sumUp } from '../../../live-values/compensated-sum.js';
import type { SelectedSeries } from '../../../promql/evaluation/series/series-source.js';
import { type HoldingRules, timeToLiveMsOf } from '../holding-rules.js';
import type { SelectionView } from './evaluation-task.js';
import type { PortableSeries } from './portable-series.js';
import { TextLabels } from './text-labels.js';

/**
 * Converts stored samples to the samples that a selector sees in its view:
 *
 * - held: a step function, which begins with the value before the range;
 * - raw: the pushes as points, or, for a series that is pushed as changes, its total after each push;
 * - delta: the samples as they were pushed.
 *
 * A scraped series is shown in the raw view even if the held view is selected. A stored NaN is a stale marker.
 *
 * @param series is used up if it has a free place before its samples
 */
export function selectedSeriesOf(
  series: PortableSeries,
  { view: selectedView, readFromMs }: SelectionView,
  rules: HoldingRules,
): SelectedSeries {
  const { name, labelsText, kind, isGauge, isScraped } = series;
  const view = selectedView === 'held' && isScraped ? 'raw' : selectedView;
  const isSummed = kind === 'delta' && view !== 'delta';
  const before = view === 'held' ? beforeOf(series, readFromMs) : undefined;
  // Of several pushes at the same time, only the last one is visible. The delta view shows all deltas, because they add up.
  const isUnique = kind !== 'delta' || isSummed;
  const { timestamps, values, stale } = pointsOf(series, { before, isSummed, isUnique });
  return {
    labels: new TextLabels(name, labelsText),
    timestamps,
    values,
    stale,
    held:
      view !== 'held'
        ? null
        : {
            gridMs: rules.gridMs,
            timeToLiveMs: timeToLiveMsOf(rules, isGauge),
            startsFromZero: kind === 'delta' && !isGauge && series.valueBefore === undefined && values.length > 0,
          },
  };
}

interface Point {
  readonly at: number;
  readonly value: number;
}

/** Returns the point before the range. A total has no time of its own, so it gets the latest moment before the range. */
function beforeOf({ valueBefore, atBefore, isStaleBefore }: PortableSeries, readFromMs: number): Point | undefined {
  if (valueBefore === undefined || isStaleBefore) return undefined;
  return { at: atBefore ?? readFromMs - 1, value: valueBefore };
}

function pointsOf(
  series: PortableSeries,
  { before, isSummed, isUnique }: { before: Point | undefined; isSummed: boolean; isUnique: boolean },
): Pick<SelectedSeries, 'timestamps' | 'values' | 'stale'> {
  const start = before === undefined ? 0 : 1;
  const { timestamps, values } = arraysOf(series, start);
  if (isSummed) sumUp(values, start, values.length, series.valueBefore ?? 0);
  if (before !== undefined) {
    timestamps[0] = before.at;
    values[0] = before.value;
  }
  if (!isPlain(timestamps, values, isUnique)) return visiblePoints(timestamps, values, start, isUnique);
  return { timestamps, values, stale: null };
}

interface Samples {
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
}

/**
 * Returns arrays that may be changed, with the samples of a series.
 *
 * @param free the number of free places before the samples, 0 or 1
 */
function arraysOf({ timestamps, values, hasFreePlace }: PortableSeries, free: number): Samples {
  if (hasFreePlace === true) {
    return free === 0
      ? { timestamps, values }
      : { timestamps: withPlaceBefore(timestamps), values: withPlaceBefore(values) };
  }
  const copies = { timestamps: new Float64Array(free + values.length), values: new Float64Array(free + values.length) };
  copies.timestamps.set(timestamps, free);
  copies.values.set(values, free);
  return copies;
}

function withPlaceBefore({ buffer, byteOffset, length }: Float64Array): Float64Array {
  return new Float64Array(buffer, byteOffset - Float64Array.BYTES_PER_ELEMENT, length + 1);
}

/** Returns whether all points are visible and none is a stale marker. */
function isPlain(timestamps: Float64Array, values: Float64Array, isUnique: boolean): boolean {
  for (let index = 0; index < values.length; index++) {
    if (Number.isNaN(values[index]) || (isUnique && index > 0 && timestamps[index] === timestamps[index - 1])) {
      return false;
    }
  }
  return true;
}

/**
 * Moves the visible points to the beginning of the arrays.
 *
 * @param start the index of the first sample, which is 1 after the point before the range
 */
function visiblePoints(
  timestamps: Float64Array,
  values: Float64Array,
  start: number,
  isUnique: boolean,
): Pick<SelectedSeries, 'timestamps' | 'values' | 'stale'> {
  let stale: Uint8Array | null = null;
  let end = start;
  for (let index = start; index < values.length; index++) {
    const at = timestamps[index]!;
    const value = values[index]!;
    const isStale = Number.isNaN(value);
    if (!isUnique || end === 0 || timestamps[end - 1] !== at) end++;
    timestamps[end - 1] = at;
    values[end - 1] = isStale ? NaN : value;
    if (isStale) stale ??= new Uint8Array(values.length);
    if (stale !== null) stale[end - 1] = isStale ? 1 : 0;
  }
  return {
    timestamps: timestamps.subarray(0, end),
    values: values.subarray(0, end),
    stale: stale?.subarray(0, end) ?? null,
  };
}
