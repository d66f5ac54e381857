import { forEachLabelIn } from '../../../catalog/series/label-set.js';
import { CompensatedSum } from '../../../live-values/compensated-sum.js';
import type { Labels, SelectedSeries } from '../../../promql/evaluation/series/series-source.js';
import { type HoldingRules, timeToLiveMsOf } from '../holding-rules.js';
import type { SelectionView } from './evaluation-task.js';
import type { PortableSeries } from './portable-series.js';

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
  const count = series.values.length;
  // A sample is written to the place of an earlier one, or to its own, so the room may be that of the samples.
  const { timestamps, values } = series.room ?? {
    timestamps: new Float64Array(count + 1),
    values: new Float64Array(count + 1),
  };
  let stale: Uint8Array | null = null;
  let length = 0;
  if (before !== undefined) {
    timestamps[0] = before.at;
    values[0] = before.value;
    length = 1;
  }
  const total = new CompensatedSum(series.valueBefore);
  for (let index = 0; index < count; index++) {
    const at = series.timestamps[index]!;
    const pushed = series.values[index]!;
    const isStale = Number.isNaN(pushed);
    if (isSummed && !isStale) total.add(pushed);
    if (!isUnique || length === 0 || timestamps[length - 1] !== at) length++;
    timestamps[length - 1] = at;
    values[length - 1] = isStale ? NaN : isSummed ? total.high : pushed;
    if (isStale) stale ??= new Uint8Array(count + 1);
    if (stale !== null) stale[length - 1] = isStale ? 1 : 0;
  }
  return {
    timestamps: timestamps.subarray(0, length),
    values: values.subarray(0, length),
    stale: stale?.subarray(0, length) ?? null,
  };
}

function labelMapOf(name: string, labelsText: string): Labels {
  const labels = new Map<string, string>([['__name__', name]]);
  forEachLabelIn(labelsText, (label, value) => labels.set(label, value));
  return labels;
}
