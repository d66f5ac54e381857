import { sumUp } from '../../../live-values/compensated-sum.js';
import type { HeldSteps, SelectedSeries } from '../../../promql/evaluation/series/series-source.js';
import { type HoldingRules, timeToLiveMsOf } from '../holding-rules.js';
import type { SelectionView } from './evaluation-task.js';
import type { PortableSeries } from './portable-series.js';
import { TextLabels } from './text-labels.js';
import type { SeriesSamples, ValueBefore } from '../../../sample-store/reading/columns/series-samples.js';

/** What a view needs to know about a series beside its samples. */
export type ViewedSeries = Pick<
  PortableSeries,
  'name' | 'labelsText' | 'kind' | 'isGauge' | 'isScraped' | 'isStaleBefore'
>;

/** The samples of a series as they are stored. */
export type StoredPoints = Pick<SeriesSamples<never>, 'timestamps' | 'values' | 'hasFreePlace' | 'before'>;

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
  selection: SelectionView,
  rules: HoldingRules,
): SelectedSeries {
  const { timestamps, values, hasFreePlace, valueBefore, atBefore } = series;
  return viewOf(
    series,
    { timestamps, values, hasFreePlace, before: { value: valueBefore, at: atBefore } },
    selection,
    rules,
  );
}

/**
 * Does the same for a series whose samples are in a separate object.
 *
 * @param samples may be overwritten if there is a free place before them
 */
export function viewOf(
  series: ViewedSeries,
  samples: StoredPoints,
  { view: selectedView, readFromMs }: SelectionView,
  rules: HoldingRules,
): SelectedSeries {
  const { name, labelsText, kind, isGauge, isScraped, isStaleBefore } = series;
  const view = selectedView === 'held' && isScraped ? 'raw' : selectedView;
  const isSummed = kind === 'delta' && view !== 'delta';
  const before = view === 'held' && !isStaleBefore ? pointOf(samples.before, readFromMs) : undefined;
  // Of several pushes at the same time, only the last one is visible. The delta view shows all deltas, because they add up.
  const isUnique = kind !== 'delta' || isSummed;
  const { timestamps, values, stale } = pointsOf(samples, { before, isSummed, isUnique });
  const startsFromZero = kind === 'delta' && !isGauge && samples.before.value === undefined && values.length > 0;
  return {
    labels: new TextLabels(name, labelsText),
    timestamps,
    values,
    stale,
    held: view === 'held' ? heldStepsOf(rules, isGauge, startsFromZero) : null,
  };
}

const heldSteps = new WeakMap<HoldingRules, HeldSteps[]>();

/** Returns one object for all series that are held in the same way. */
function heldStepsOf(rules: HoldingRules, isGauge: boolean, startsFromZero: boolean): HeldSteps {
  let known = heldSteps.get(rules);
  if (known === undefined) {
    known = [false, true].flatMap((isOfGauge) =>
      [false, true].map((isFromZero) => ({
        gridMs: rules.gridMs,
        timeToLiveMs: timeToLiveMsOf(rules, isOfGauge),
        startsFromZero: isFromZero,
      })),
    );
    heldSteps.set(rules, known);
  }
  return known[(isGauge ? 2 : 0) + (startsFromZero ? 1 : 0)]!;
}

interface Point {
  readonly at: number;
  readonly value: number;
}

/** Returns the point before the range. A total has no time of its own, so it gets the latest moment before the range. */
function pointOf({ value, at }: ValueBefore, readFromMs: number): Point | undefined {
  return value === undefined ? undefined : { at: at ?? readFromMs - 1, value };
}

function pointsOf(
  samples: StoredPoints,
  { before, isSummed, isUnique }: { before: Point | undefined; isSummed: boolean; isUnique: boolean },
): Pick<SelectedSeries, 'timestamps' | 'values' | 'stale'> {
  const start = before === undefined ? 0 : 1;
  const { timestamps, values } = arraysOf(samples, start);
  if (isSummed) sumUp(values, start, values.length, samples.before.value ?? 0);
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
function arraysOf({ timestamps, values, hasFreePlace }: StoredPoints, free: number): Samples {
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
