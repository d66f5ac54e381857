import type { Series } from '../../../catalog/series/series.js';
import { addAllCompensated, CompensatedSum } from '../../../live-values/compensated-sum.js';
import { Turns } from '../../../scheduling/turns.js';
import type { ScanWindow } from '../sample-scan.js';
import { bucketOf, type Grid } from '../range/grid.js';

/** The state of a series while the buckets are filled. */
interface Held {
  readonly kind: Series['kind'];
  readonly group: Group;
  /** The index of the series in the arrays of values. */
  readonly index: number;
  hasValue: boolean;
}

interface Group {
  readonly members: Held[];
  /** The sum of the members' values at the end of each bucket; NaN if it has not changed in the bucket. */
  readonly sums: Float64Array;
  /**
   * The value is 1 for each bucket in which members changed and at whose end no member has a value. From this bucket on, the
   * group has no value until the next sum.
   */
  readonly ends: Uint8Array;
}

/**
 * Computes the value of groups of series at the end of each bucket: the sum of the last values of the series in a group, or of
 * their running totals for series of deltas. A value holds until the next push, even across empty buckets. A stale marker ends a
 * last value, but not a running total.
 */
export class LastValues {
  private readonly groups: Group[];
  private readonly held = new Map<number, Held>();

  /**
   * The last value of each series, or its running total if its samples are deltas, as the high and the low double of a
   * compensated sum. All series share two arrays, because an array for each of a hundred thousand series would take 40 MB.
   */
  private readonly high: Float64Array;
  private readonly low: Float64Array;

  /** @param groups the series of each group */
  constructor(
    private readonly grid: Grid,
    groups: readonly (readonly Series[])[],
  ) {
    const count = groups.reduce((sum, series) => sum + series.length, 0);
    this.high = new Float64Array(count);
    this.low = new Float64Array(count);
    let next = 0;
    this.groups = groups.map((series) => {
      const group: Group = {
        members: [],
        sums: new Float64Array(grid.count).fill(NaN),
        ends: new Uint8Array(grid.count),
      };
      for (const { id, kind } of series) {
        const held = { kind, group, index: next++, hasValue: false };
        group.members.push(held);
        this.held.set(id, held);
      }
      return group;
    });
  }

  /** Adds one window of a scan. The windows must be added in time order. */
  async add(window: ScanWindow): Promise<void> {
    const turns = new Turns();
    const changed = new Set<Group>();
    const readers: { held: Held; timestamps: Float64Array; values: Float64Array; next: number }[] = [];
    for (const { series, timestamps, values, before } of window.samples) {
      const held = this.held.get(series.id)!;
      if (values.length > 0) readers.push({ held, timestamps, values, next: 0 });
      if (before.value !== undefined && !held.hasValue) {
        this.hold(held, Float64Array.of(before.value), 0, 1);
        changed.add(held.group);
      }
      if (turns.isUp) await turns.give();
    }
    const lastBucket = bucketOf(this.grid, window.to - 1);
    for (let bucket = bucketOf(this.grid, window.from); bucket <= lastBucket; bucket++) {
      const end = this.grid.edges[bucket + 1]!;
      for (const reader of readers) {
        const { held, timestamps, values } = reader;
        if (reader.next >= timestamps.length || timestamps[reader.next]! >= end) continue;
        const first = reader.next;
        while (reader.next < timestamps.length && timestamps[reader.next]! < end) reader.next++;
        this.hold(held, values, first, reader.next);
        changed.add(held.group);
      }
      for (const group of changed) {
        // The sum is replaced each time, because two windows can share a bucket.
        group.sums[bucket] = this.sumOf(group.members);
        group.ends[bucket] = group.members.some(({ hasValue }) => hasValue) ? 0 : 1;
      }
      changed.clear();
      await turns.give();
    }
  }

  /** Returns the points of the group with this index. */
  pointsOf(group: number): (number | null)[] {
    const { sums, ends } = this.groups[group]!;
    let current: number | null = null;
    return Array.from(sums, (sum, bucket) => {
      if (ends[bucket] === 1) current = null;
      else if (!Number.isNaN(sum)) current = sum;
      return current;
    });
  }

  /** Takes one or more values of a series, in time order. Deltas are added up; of other values, only the last one counts. */
  private hold(held: Held, values: Float64Array, from: number, to: number): void {
    if (held.kind === 'delta') {
      addAllCompensated(this.high, this.low, held.index, values, from, to);
      for (let index = from; index < to && !held.hasValue; index++) held.hasValue = !Number.isNaN(values[index]);
      return;
    }
    const last = values[to - 1]!;
    this.high[held.index] = last;
    held.hasValue = !Number.isNaN(last);
  }

  private sumOf(members: readonly Held[]): number {
    const sum = new CompensatedSum();
    for (const { index, hasValue } of members) {
      if (!hasValue) continue;
      sum.add(this.high[index]!);
      sum.add(this.low[index]!);
    }
    return sum.high;
  }
}
