import { forEachLabelIn } from '../../../catalog/series/label-set.js';
import { sumUp } from '../../../live-values/compensated-sum.js';
import type { Labels, SelectedSeries } from '../../../promql/evaluation/series/series-source.js';
import { type HoldingRules, timeToLiveMsOf } from '../holding-rules.js';
import type { SelectionView } from './evaluation-task.js';
import type { PortableSeries, Room } from './portable-series.js';

/**
 * Converts stored samples to the samples that a selector sees in its view:
 *
 * - held: a step function, which begins with the value before the range;
 * - raw: the pushes as points, or, for a series that is pushed as changes, its total after each push;
 * - delta: the samples as they were pushed.
 *
 * A scraped series is shown in the raw view even if the held view is selected. A stored NaN is a stale marker.
 *
 * @param series is used up if it has `room`
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
  const points = pointsOf(series, { before, isSummed, isUnique });
  return {
    labels: labelMapOf(name, labelsText),
    ...points,
    held:
      view !== 'held'
        ? null
        : {
            gridMs: rules.gridMs,
            timeToLiveMs: timeToLiveMsOf(rules, isGauge),
            startsFromZero:
              kind === 'delta' && !isGauge && series.valueBefore === undefined && points.values.length > 0,
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
  const room = series.room ?? roomFor(series);
  const { timestamps, values } = room;
  if (isSummed) sumUp(values, 1, values.length, series.valueBefore ?? 0);
  const start = before === undefined ? 1 : 0;
  if (before !== undefined) {
    timestamps[0] = before.at;
    values[0] = before.value;
  }
  if (!isPlain(room, start, isUnique)) return visiblePoints(room, start, isUnique);
  return { timestamps: timestamps.subarray(start), values: values.subarray(start), stale: null };
}

/** Copies the samples of a series to arrays with a free place before them. */
function roomFor({ timestamps, values }: PortableSeries): Room {
  const room = { timestamps: new Float64Array(values.length + 1), values: new Float64Array(values.length + 1) };
  room.timestamps.set(timestamps, 1);
  room.values.set(values, 1);
  return room;
}

/** Returns whether all points from `start` are visible and none is a stale marker. */
function isPlain({ timestamps, values }: Room, start: number, isUnique: boolean): boolean {
  for (let index = start; index < values.length; index++) {
    if (Number.isNaN(values[index]) || (isUnique && index > start && timestamps[index] === timestamps[index - 1])) {
      return false;
    }
  }
  return true;
}

/** Moves the visible points to the beginning of the arrays. */
function visiblePoints(
  { timestamps, values }: Room,
  start: number,
  isUnique: boolean,
): Pick<SelectedSeries, 'timestamps' | 'values' | 'stale'> {
  let stale: Uint8Array | null = null;
  let end = 1;
  for (let index = 1; index < values.length; index++) {
    const at = timestamps[index]!;
    const value = values[index]!;
    const isStale = Number.isNaN(value);
    if (!isUnique || end === start || timestamps[end - 1] !== at) end++;
    timestamps[end - 1] = at;
    values[end - 1] = isStale ? NaN : value;
    if (isStale) stale ??= new Uint8Array(values.length);
    if (stale !== null) stale[end - 1] = isStale ? 1 : 0;
  }
  return {
    timestamps: timestamps.subarray(start, end),
    values: values.subarray(start, end),
    stale: stale?.subarray(start, end) ?? null,
  };
}

function labelMapOf(name: string, labelsText: string): Labels {
  const labels = new Map<string, string>([['__name__', name]]);
  forEachLabelIn(labelsText, (label, value) => labels.set(label, value));
  return labels;
}
