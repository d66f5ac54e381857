import type { MatrixSelector, SubqueryExpression, VectorSelector } from '../../syntax/ast.js';
import type { Column } from './column.js';
import { ColumnArrays } from './column-arrays.js';
import type { Evaluation } from '../evaluation.js';
import { findInstants, NO_VALUE, sampleTimeAt, valueAt } from './instant-samples.js';
import { pinnedTime } from './plan.js';
import { runsOf, RunsBuffer, runsOfColumn, type PointRuns } from './point-runs.js';
import type { Labels } from './series-source.js';
import { referenceTime, subquerySteps, timeOfStep, type TimeSteps } from '../time-steps.js';

/**
 * Evaluates an instant selector.
 *
 * @param readsTime true to return the times of the samples, in seconds, instead of their values
 */
export function selectInstant(
  evaluation: Evaluation,
  selector: VectorSelector,
  steps: TimeSteps,
  readsTime = false,
): Column[] {
  const { plan, source, budget } = evaluation;
  const times = lookAtTimes(evaluation, selector, steps);
  const places = new Int32Array(steps.count);
  const selected = source.seriesOf(plan.requestOf.get(selector)!);
  const arrays = new ColumnArrays(steps.count, selected.length);
  const columns: Column[] = [];
  for (const series of selected) {
    budget.take(series.timestamps.length + steps.count);
    const found = findInstants(series, times, plan, places);
    if (found === 0) {
      continue;
    }
    const values = arrays.values();
    for (let step = 0; step < places.length; step++) {
      const place = places[step]!;
      if (place !== NO_VALUE) {
        values[step] = readsTime ? sampleTimeAt(series, place) / 1000 : valueAt(series, place);
      }
    }
    const present = found === places.length ? arrays.presentEverywhere : arrays.present(places, NO_VALUE);
    columns.push({ labels: series.labels, dropsName: readsTime, values, present });
  }
  return columns;
}

/** One series of a range vector, as the points from which windows are taken. */
export interface RangedSeries {
  readonly labels: Labels;
  readonly dropsName: boolean;
  readonly runs: PointRuns;
}

export interface RangeVector {
  /** The series, each of which is valid only until the next one is taken. */
  readonly series: Iterable<RangedSeries>;
  readonly rangeMs: number;
  /** The end of the window at each step. */
  readonly ends: Float64Array;
}

export function selectRange(
  evaluation: Evaluation,
  expression: MatrixSelector | SubqueryExpression,
  steps: TimeSteps,
): RangeVector {
  const { rangeMs } = expression;
  if (expression.kind === 'range') {
    return {
      series: seriesOfRange(evaluation, expression),
      rangeMs,
      ends: lookAtTimes(evaluation, expression.selector, steps),
    };
  }
  const ends = lookAtTimes(evaluation, expression, steps);
  const stepMs = expression.stepMs ?? evaluation.plan.defaultSubqueryStepMs;
  const inner = subquerySteps(ends[0]! - rangeMs, ends.at(-1)!, stepMs);
  // The budget is charged before anything is allocated for the steps, because they can need more memory than is available.
  evaluation.budget.take(inner.count);
  const columns = inner.count > 0 ? evaluation.vector(expression.expression, inner) : [];
  const series = columns.map((column) => rangedColumn(column, inner));
  return { series, rangeMs, ends };
}

function rangedColumn(column: Column, steps: TimeSteps): RangedSeries {
  return { labels: column.labels, dropsName: column.dropsName, runs: runsOfColumn(column, steps) };
}

function* seriesOfRange({ plan, source, budget }: Evaluation, { selector }: MatrixSelector): Generator<RangedSeries> {
  const buffer = new RunsBuffer();
  for (const series of source.seriesOf(plan.requestOf.get(selector)!)) {
    budget.take(series.timestamps.length);
    yield { labels: series.labels, dropsName: false, runs: runsOf(series, plan.nowMs, buffer) };
  }
}

/**
 * Returns the time that a selector or a subquery refers to at each step. This is an array and not a function, because the result of a
 * function would be a new object for each step of each series.
 */
export function lookAtTimes(
  { plan }: Evaluation,
  { at, offsetMs }: Pick<VectorSelector, 'at' | 'offsetMs'>,
  steps: TimeSteps,
): Float64Array {
  const pinnedMs = pinnedTime(at, plan.steps.startMs, plan.endMs);
  const times = new Float64Array(steps.count);
  for (let step = 0; step < times.length; step++) {
    times[step] = referenceTime(timeOfStep(steps, step), pinnedMs, offsetMs);
  }
  return times;
}
