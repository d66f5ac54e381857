import { Writer } from 'protobufjs/minimal.js';
import { snappyCompress } from 'hysnappy';
import { type PointRuns, RunsBuffer, runsOf } from '../../../../promql/evaluation/series/point-runs.js';
import { sortedByLabels } from '../../../../promql/evaluation/series/labels.js';
import type { SelectedSeries } from '../../../../promql/evaluation/series/series-source.js';
import { PrometheusError } from '../../answers/prometheus.error.js';
import { type EncodedPoints, encodeTimeSeries } from '../../remote-read/time-series-encoder.js';
import type { ReadRange, ReadTask } from '../evaluation-task.js';

const PART_BYTES = 1024 * 1024;

/**
 * Answers a remote_read request with samples, in one result for each query and in the order of the queries. The whole answer is
 * one Snappy block, so it is built completely before it is returned in parts.
 */
export function* readParts(
  task: ReadTask,
  selected: readonly (readonly SelectedSeries[])[],
): Generator<Uint8Array<ArrayBuffer>> {
  const response = Writer.create();
  const budget = new SampleBudget(task.maxSamples);
  for (const [index, range] of task.selections.entries()) {
    const result = Writer.create();
    for (const series of sortedByLabels(selected[index]!)) {
      const points =
        series.held === null ? pointsIn(series, range) : gridPointsIn(series, { ...range, nowMs: task.nowMs }, budget);
      budget.take(points.timestamps.length);
      if (points.timestamps.length > 0) result.uint32(0x0a).bytes(encodeTimeSeries(series.labels, points));
    }
    response.uint32(0x0a).bytes(result.finish());
  }
  const compressed = snappyCompress(response.finish());
  for (let offset = 0; offset < compressed.length; offset += PART_BYTES) {
    // The part is copied, because the memory of each part is transferred to the other thread.
    yield new Uint8Array(compressed.subarray(offset, offset + PART_BYTES));
  }
}

class SampleBudget {
  constructor(private left: number) {}

  take(count: number): void {
    this.left -= count;
    if (this.left < 0) {
      throw new PrometheusError(
        'execution',
        'exceeded sample limit (PROMQL_MAX_SAMPLES): ask for a shorter range, a longer step, or fewer series',
      );
    }
  }

  check(count: number): void {
    if (count > this.left) this.take(count);
  }
}

function pointsIn({ timestamps, values, stale }: SelectedSeries, { startMs, endMs }: ReadRange): EncodedPoints {
  const first = timestamps.findIndex((at) => at >= startMs);
  if (first < 0) return { timestamps: new Float64Array(0), values: new Float64Array(0), stale: null };
  const end = timestamps.findLastIndex((at) => at <= endMs) + 1;
  return {
    timestamps: timestamps.subarray(first, end),
    values: values.subarray(first, end),
    stale: stale?.subarray(first, end) ?? null,
  };
}

/**
 * Returns the held value at every grid point of a range, and a stale marker where the value ends, because the receiver would
 * otherwise look back to the last point.
 */
function gridPointsIn(
  series: SelectedSeries,
  range: ReadRange & { readonly nowMs: number },
  budget: SampleBudget,
): EncodedPoints {
  const { gridMs } = range;
  const runs = runsOf({ ...series, held: { ...series.held!, gridMs } }, range.nowMs, new RunsBuffer());
  const timestamps: number[] = [];
  const values: number[] = [];
  const stale: number[] = [];
  for (let index = 0; index < runs.times.length; index++) {
    const first = Math.max(runs.times[index]!, Math.ceil(range.startMs / gridMs) * gridMs);
    const last = Math.min(runs.lastTimes[index]!, range.endMs);
    budget.check(timestamps.length + Math.max(0, (last - first) / gridMs));
    for (let at = first; at <= last; at += gridMs) {
      timestamps.push(at);
      values.push(runs.values[index]!);
      stale.push(0);
    }
    const endedAt = endOfRun(runs, index, gridMs);
    // A value that is cut off only by the clock has not ended.
    if (endedAt >= range.startMs && endedAt <= Math.min(range.endMs, range.nowMs)) {
      timestamps.push(endedAt);
      values.push(NaN);
      stale.push(1);
    }
  }
  return {
    timestamps: Float64Array.from(timestamps),
    values: Float64Array.from(values),
    stale: Uint8Array.from(stale),
  };
}

/** Returns the first grid point without a value, or infinity if the next run follows immediately. */
function endOfRun({ times, lastTimes }: PointRuns, index: number, gridMs: number): number {
  const after = lastTimes[index]! + gridMs;
  return index + 1 < times.length && times[index + 1]! <= after ? Infinity : after;
}
