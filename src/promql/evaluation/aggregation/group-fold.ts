import type { Column } from '../series/column.js';
import { CompensatedMean } from '../compensated-sum.js';

/** Combines the series of a group into one, and needs only one of them at a time. */
export interface GroupFold {
  add(member: Column): void;
  result(): Pick<Column, 'values' | 'present'>;
}

/** Creates a fold for a number of steps. */
export type CreateFold = (steps: number) => GroupFold;

/**
 * Adds the members one after another, so that the values of each are read in sequence. Each step has a running sum with its own
 * correction.
 */
class SumFold implements GroupFold {
  private readonly values: Float64Array;
  private readonly present: Uint8Array;
  private readonly corrections: Float64Array;

  constructor(private readonly steps: number) {
    this.values = new Float64Array(steps);
    this.present = new Uint8Array(steps);
    this.corrections = new Float64Array(steps);
  }

  add(member: Column): void {
    const { steps, values, present, corrections } = this;
    for (let step = 0; step < steps; step++) {
      if (member.present[step] === 0) {
        continue;
      }
      const value = member.values[step]!;
      if (present[step] === 0) {
        present[step] = 1;
        values[step] = value;
        continue;
      }
      const sum = values[step]!;
      const total = sum + value;
      if (total === Infinity || total === -Infinity) {
        corrections[step] = 0;
      } else {
        corrections[step]! += Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum;
      }
      values[step] = total;
    }
  }

  result(): Pick<Column, 'values' | 'present'> {
    const { corrections, present } = this;
    return { values: this.values.map((sum, step) => sum + corrections[step]!), present };
  }
}

/** Keeps one number for each step. */
class NumberFold implements GroupFold {
  private readonly values: Float64Array;
  private readonly present: Uint8Array;

  /** @param start the initial value of each step; null to start with the first value */
  constructor(
    private readonly steps: number,
    private readonly start: number | null,
    private readonly join: (result: number, value: number) => number,
  ) {
    this.values = new Float64Array(steps);
    this.present = new Uint8Array(steps);
  }

  add(member: Column): void {
    const { steps, start, join, values, present } = this;
    for (let step = 0; step < steps; step++) {
      if (member.present[step] === 1) {
        const value = member.values[step]!;
        values[step] = present[step] === 1 ? join(values[step]!, value) : (start ?? value);
        present[step] = 1;
      }
    }
  }

  result(): Pick<Column, 'values' | 'present'> {
    return { values: this.values, present: this.present };
  }
}

/**
 * Keeps the state of a {@link CompensatedMean} for each step in arrays, because an object for each step would be ten times as
 * large.
 */
class MeanFold implements GroupFold {
  private readonly sums: Float64Array;
  private readonly corrections: Float64Array;
  private readonly counts: Uint32Array;
  private readonly incremental: Uint8Array;
  private readonly mean = new CompensatedMean();

  constructor(private readonly steps: number) {
    this.sums = new Float64Array(steps);
    this.corrections = new Float64Array(steps);
    this.counts = new Uint32Array(steps);
    this.incremental = new Uint8Array(steps);
  }

  add(member: Column): void {
    const { steps, sums, corrections, counts, incremental } = this;
    for (let step = 0; step < steps; step++) {
      if (member.present[step] === 0) {
        continue;
      }
      const mean = this.meanOf(step);
      mean.add(member.values[step]!);
      sums[step] = mean.sum.sum;
      corrections[step] = mean.sum.correction;
      counts[step] = mean.count;
      incremental[step] = mean.isIncremental ? 1 : 0;
    }
  }

  result(): Pick<Column, 'values' | 'present'> {
    return {
      values: this.sums.map((_, step) => (this.counts[step] === 0 ? 0 : this.meanOf(step).mean)),
      present: Uint8Array.from(this.counts, (count) => (count === 0 ? 0 : 1)),
    };
  }

  private meanOf(step: number): CompensatedMean {
    const { mean } = this;
    mean.sum.start(this.sums[step]!, this.corrections[step]!);
    mean.count = this.counts[step]!;
    mean.isIncremental = this.incremental[step] === 1;
    return mean;
  }
}

/** Computes the variance with Welford's method, or the standard deviation, which is its root. */
class VarianceFold implements GroupFold {
  private readonly means: Float64Array;
  private readonly squares: Float64Array;
  private readonly counts: Uint32Array;

  constructor(
    private readonly steps: number,
    private readonly isRoot: boolean,
  ) {
    this.means = new Float64Array(steps);
    this.squares = new Float64Array(steps);
    this.counts = new Uint32Array(steps);
  }

  add(member: Column): void {
    const { steps, means, squares, counts } = this;
    for (let step = 0; step < steps; step++) {
      if (member.present[step] === 0) {
        continue;
      }
      const value = member.values[step]!;
      const count = ++counts[step]!;
      if (count === 1) {
        means[step] = value;
        squares[step] = Number.isFinite(value) ? 0 : NaN;
        continue;
      }
      const difference = value - means[step]!;
      means[step]! += difference / count;
      squares[step]! += difference * (value - means[step]!);
    }
  }

  result(): Pick<Column, 'values' | 'present'> {
    const { counts } = this;
    const variances = this.squares.map((squares, step) => (counts[step] === 0 ? 0 : squares / counts[step]!));
    return {
      values: this.isRoot ? variances.map(Math.sqrt) : variances,
      present: Uint8Array.from(counts, (count) => (count === 0 ? 0 : 1)),
    };
  }
}

/** The aggregations that need only one series at a time. */
export const GROUP_FOLDS = {
  sum: (steps) => new SumFold(steps),
  avg: (steps) => new MeanFold(steps),
  count: (steps) => new NumberFold(steps, 1, (count) => count + 1),
  group: (steps) => new NumberFold(steps, 1, (one) => one),
  min: (steps) => new NumberFold(steps, null, (best, value) => (best > value || Number.isNaN(best) ? value : best)),
  max: (steps) => new NumberFold(steps, null, (best, value) => (best < value || Number.isNaN(best) ? value : best)),
  stddev: (steps) => new VarianceFold(steps, true),
  stdvar: (steps) => new VarianceFold(steps, false),
} satisfies Record<string, CreateFold>;

/** The name of an aggregation that needs only one series at a time. */
export type FoldedAggregator = keyof typeof GROUP_FOLDS;

export function isFolded(aggregator: string): aggregator is FoldedAggregator {
  return Object.hasOwn(GROUP_FOLDS, aggregator);
}
