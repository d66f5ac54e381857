import { quantileOfSorted } from '../aggregation/quantile.js';
import type { SlidingWindow } from './sliding-window.js';

/**
 * The most points that are moved one by one. Each of them moves half of the sorted values, so moving about this many takes as long as
 * sorting the whole window.
 */
const MAX_MOVES = 32;

/**
 * The values of a sliding window in their order. Two windows that follow each other share most of their points, so only the points
 * that leave and enter are moved. Sorting each window anew took a quarter of the time of the evaluation of small queries.
 */
export class SortedWindow {
  /** The values that are not NaN, in the order of typed arrays, in which −0 comes before 0. */
  private sorted = new Float64Array(0);
  private numbers = 0;
  private nans = 0;
  /** The place of the window that the values belong to. */
  private from = 0;
  private to = 0;
  private firstMs = Infinity;
  private lastMs = -Infinity;

  constructor(private readonly window: SlidingWindow) {}

  /** Returns a quantile of the values that are in the window now. */
  quantile(q: number): number {
    this.follow();
    return quantileOfSorted(q, this.sorted, this.numbers, this.numbers + this.nans);
  }

  private follow(): void {
    const { window } = this;
    const { gridMs } = window.runs;
    const overlaps = window.firstTimeMs <= this.lastMs;
    if (overlaps && this.changes() <= MAX_MOVES) {
      window.countWork(this.numbers + this.nans);
      if (gridMs === 0) {
        this.moveOverPoints();
      } else {
        this.moveOverRuns(gridMs);
      }
    } else {
      this.sortAnew();
    }
    this.from = window.from;
    this.to = window.to;
    this.firstMs = window.firstTimeMs;
    this.lastMs = window.lastTimeMs;
  }

  /** Returns at least the number of points that have left or entered the window. */
  private changes(): number {
    const { window } = this;
    const { gridMs } = window.runs;
    return gridMs === 0
      ? window.from - this.from + (window.to - this.to)
      : (window.firstTimeMs - this.firstMs + (window.lastTimeMs - this.lastMs)) / gridMs;
  }

  private sortAnew(): void {
    const { values, from, to } = this.window.points();
    if (this.sorted.length < to - from + MAX_MOVES) {
      this.sorted = new Float64Array(to - from + MAX_MOVES);
    }
    const points = this.sorted.subarray(0, to - from);
    points.set(values.subarray(from, to));
    // Typed arrays sort NaN last.
    points.sort();
    this.nans = 0;
    while (this.nans < points.length && Number.isNaN(points[points.length - 1 - this.nans]!)) {
      this.nans++;
    }
    this.numbers = points.length - this.nans;
  }

  private moveOverPoints(): void {
    const { window } = this;
    const { values } = window.runs;
    for (let point = this.from; point < window.from; point++) {
      this.remove(values[point]!, 1);
    }
    for (let point = this.to; point < window.to; point++) {
      this.insert(values[point]!, 1);
    }
  }

  private moveOverRuns(gridMs: number): void {
    const { window } = this;
    const { times, lastTimes, values } = window.runs;
    const { firstTimeMs, lastTimeMs } = window;
    for (let run = this.from; run < this.to && times[run]! < firstTimeMs; run++) {
      const first = Math.max(times[run]!, this.firstMs);
      const last = Math.min(lastTimes[run]!, this.lastMs, firstTimeMs - gridMs);
      this.remove(values[run]!, (last - first) / gridMs + 1);
    }
    // The last run of the window before can have more points in this one.
    for (let run = this.to - 1; run < window.to; run++) {
      const first = Math.max(times[run]!, this.lastMs + gridMs);
      const last = Math.min(lastTimes[run]!, lastTimeMs);
      this.insert(values[run]!, (last - first) / gridMs + 1);
    }
  }

  private insert(value: number, times: number): void {
    if (!(times > 0)) {
      return;
    }
    if (Number.isNaN(value)) {
      this.nans += times;
      return;
    }
    const { numbers } = this;
    this.makeRoom(numbers + times);
    const place = this.placeOf(value);
    this.sorted.copyWithin(place + times, place, numbers);
    this.sorted.fill(value, place, place + times);
    this.numbers += times;
  }

  private remove(value: number, times: number): void {
    if (!(times > 0)) {
      return;
    }
    if (Number.isNaN(value)) {
      this.nans -= times;
      return;
    }
    const place = this.placeOf(value);
    this.sorted.copyWithin(place, place + times, this.numbers);
    this.numbers -= times;
  }

  private makeRoom(length: number): void {
    if (this.sorted.length < length) {
      const sorted = new Float64Array(2 * length);
      sorted.set(this.sorted);
      this.sorted = sorted;
    }
  }

  /** Returns the index of the first value that does not come before the given one. */
  private placeOf(value: number): number {
    const { sorted } = this;
    let from = 0;
    let to = this.numbers;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (comesBefore(sorted[middle]!, value)) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from;
  }
}

function comesBefore(value: number, other: number): boolean {
  return value < other || (value === 0 && other === 0 && 1 / value < 1 / other);
}
