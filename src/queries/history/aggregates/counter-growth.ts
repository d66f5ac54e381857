import type { Series } from '../../../catalog/series/series.js';

/** A sample that comes later than this after its series was created is not the first one: older samples are past retention. */
const FIRST_SAMPLE_MS = 60_000;

/**
 * Computes how much one counter grew with each of its samples, in time order.
 *
 * A delta is the growth itself. For running totals it is the difference from the previous one; a lower total is a restart of the
 * client, which counts from 0 again. A series also begins at 0: its very first total counts in full, because otherwise the first
 * error of a kind, the one worth an alert, would never be counted.
 */
export class CounterGrowth {
  private previous: number | undefined;

  /** @param before the total that held before the first sample, if there is one */
  constructor(
    private readonly series: Series,
    before: number | undefined,
  ) {
    this.previous = before;
  }

  add(at: number, value: number): number {
    if (this.series.kind === 'delta') return value;
    const { previous } = this;
    this.previous = value;
    if (previous !== undefined) return value >= previous ? value - previous : value;
    return at <= this.series.createdAt.getTime() + FIRST_SAMPLE_MS ? value : 0;
  }
}
