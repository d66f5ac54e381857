import type { PointRuns } from '../series/point-runs.js';
import type { QueryBudget } from '../query-budget.js';

/** The single points of a window, for functions that need each of them. */
export interface WindowPoints {
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly from: number;
  /** The index after the last point. */
  readonly to: number;
}

/**
 * Moves the window of a range selector over one series. The window moves only forward, so that all steps of a query together
 * visit each run only twice: when it enters the window and when it leaves it.
 */
export class SlidingWindow {
  /** The indexes of the runs in the window, `[from, to)`. The first and the last run can lie only partly in it. */
  from = 0;
  to = 0;
  /** The start of the window is excluded and its end is included. */
  startMs = 0;
  endMs = 0;
  /** The time of evaluation, which differs from the end of the window with an offset or `@`. */
  evaluationMs = 0;
  firstTimeMs = 0;
  lastTimeMs = 0;
  private pointsBefore: Float64Array | null = null;
  private pointTimes = new Float64Array(0);
  private pointValues = new Float64Array(0);

  constructor(
    readonly runs: PointRuns,
    private readonly budget: QueryBudget,
  ) {}

  /**
   * Moves the window.
   *
   * @returns whether it contains a point
   */
  moveTo(startMs: number, endMs: number, evaluationMs: number): boolean {
    const { times, lastTimes, gridMs } = this.runs;
    this.startMs = startMs;
    this.endMs = endMs;
    this.evaluationMs = evaluationMs;
    while (this.from < times.length && lastTimes[this.from]! <= startMs) {
      this.from++;
    }
    this.to = Math.max(this.to, this.from);
    while (this.to < times.length && times[this.to]! <= endMs) {
      this.to++;
    }
    if (this.from === this.to) {
      return false;
    }
    this.firstTimeMs = times[this.from]!;
    this.lastTimeMs = lastTimes[this.to - 1]!;
    if (gridMs > 0) {
      this.firstTimeMs = Math.max(this.firstTimeMs, (Math.floor(startMs / gridMs) + 1) * gridMs);
      this.lastTimeMs = Math.min(this.lastTimeMs, Math.floor(endMs / gridMs) * gridMs);
    }
    // A window that is narrower than the grid can lie between two points of a run.
    return this.firstTimeMs <= this.lastTimeMs;
  }

  get firstValue(): number {
    return this.runs.values[this.from]!;
  }

  get lastValue(): number {
    return this.runs.values[this.to - 1]!;
  }

  /** The number of points in the window. */
  get count(): number {
    const { from, to, runs } = this;
    if (runs.gridMs === 0) {
      return to - from;
    }
    if (runs.isContiguous) {
      return (this.lastTimeMs - this.firstTimeMs) / runs.gridMs + 1;
    }
    if (to - from === 1) {
      return this.pointsInFirstRun;
    }
    return this.pointsInFirstRun + this.pointsInLastRun + this.pointsBetween;
  }

  get pointsInFirstRun(): number {
    return this.pointsInRun(this.from);
  }

  get pointsInLastRun(): number {
    return this.pointsInRun(this.to - 1);
  }

  /**
   * Returns the number of points of a run that are in the window.
   *
   * @param run the index of a run in the window
   */
  pointsInRun(run: number): number {
    const { gridMs, times, lastTimes } = this.runs;
    if (gridMs === 0) {
      return 1;
    }
    const first = Math.max(times[run]!, this.firstTimeMs);
    return (Math.min(lastTimes[run]!, this.lastTimeMs) - first) / gridMs + 1;
  }

  /** The number of points in the runs between the first and the last. */
  private get pointsBetween(): number {
    this.pointsBefore ??= countPoints(this.runs);
    return this.pointsBefore[this.to - 1]! - this.pointsBefore[this.from + 1]!;
  }

  /** Charges the budget for the runs of the window, or another amount of work. A function that visits each run calls this. */
  countWork(samples = this.to - this.from): void {
    this.budget.work(samples);
  }

  /** Returns the single points of the window. The arrays are reused at the next step. */
  points(): WindowPoints {
    const { times, lastTimes, values, gridMs } = this.runs;
    if (gridMs === 0) {
      this.budget.work(this.to - this.from);
      return { times, values, from: this.from, to: this.to };
    }
    const { count } = this;
    this.budget.work(count);
    if (this.pointTimes.length < count) {
      this.budget.take(count * 2);
      this.pointTimes = new Float64Array(count * 2);
      this.pointValues = new Float64Array(count * 2);
    }
    let place = 0;
    for (let run = this.from; run < this.to; run++) {
      const last = Math.min(lastTimes[run]!, this.lastTimeMs);
      for (let timeMs = Math.max(times[run]!, this.firstTimeMs); timeMs <= last; timeMs += gridMs) {
        this.pointTimes[place] = timeMs;
        this.pointValues[place++] = values[run]!;
      }
    }
    return { times: this.pointTimes, values: this.pointValues, from: 0, to: place };
  }
}

/** Returns, at index i, the number of points of all runs before run i. */
function countPoints({ times, lastTimes, gridMs }: PointRuns): Float64Array {
  const before = new Float64Array(times.length + 1);
  for (let run = 0; run < times.length; run++) {
    const points = gridMs === 0 ? 1 : (lastTimes[run]! - times[run]!) / gridMs + 1;
    before[run + 1] = before[run]! + points;
  }
  return before;
}
