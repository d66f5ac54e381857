import { CompensatedSum } from '../../live-values/compensated-sum.js';

interface Removed {
  samples: number;
  /** The sum of the deltas that were removed from blocks and chunks; undefined if there were none. */
  compacted: CompensatedSum | undefined;
  mayFall: boolean;
}

/** Counts the samples that a correction takes out of each series. */
export class RemovedSamples {
  private readonly bySeries = new Map<number, Removed>();
  private readonly withCompacted = new Set<number>();
  private count = 0;

  get samples(): number {
    return this.count;
  }

  /** The series that have lost samples from blocks or chunks. The stored totals do not contain the samples of the log. */
  get compactedIds(): Iterable<number> {
    return this.withCompacted;
  }

  get seriesCount(): number {
    return this.bySeries.size;
  }

  /**
   * Adds samples that were in the log.
   *
   * @param isAbove whether any of the values is above 0
   */
  addLogged(seriesId: number, samples: number, isAbove: boolean): void {
    const removed = this.find(seriesId, samples);
    removed.mayFall ||= isAbove;
  }

  /**
   * Adds samples that were in a block or a chunk.
   *
   * @param deltaSum the compensated sum of their deltas; null if they are not deltas
   */
  addCompacted(
    seriesId: number,
    samples: number,
    deltaSum: { readonly high: number; readonly low: number } | null,
  ): void {
    const removed = this.find(seriesId, samples);
    this.withCompacted.add(seriesId);
    if (deltaSum === null) {
      removed.mayFall = true;
      return;
    }
    removed.compacted ??= new CompensatedSum();
    removed.compacted.add(deltaSum.high);
    removed.compacted.add(deltaSum.low);
    removed.mayFall ||= deltaSum.high > 0;
  }

  /** Returns the sum of the deltas that were removed from blocks and chunks of a series; undefined if there were none. */
  compactedOf(seriesId: number): CompensatedSum | undefined {
    return this.bySeries.get(seriesId)?.compacted;
  }

  /** Returns whether the value of a counter may fall without these samples. A removed delta of 0 changes nothing. */
  mayFall(seriesId: number): boolean {
    return this.bySeries.get(seriesId)?.mayFall === true;
  }

  private find(seriesId: number, samples: number): Removed {
    let removed = this.bySeries.get(seriesId);
    if (removed === undefined) {
      removed = { samples: 0, compacted: undefined, mayFall: false };
      this.bySeries.set(seriesId, removed);
    }
    removed.samples += samples;
    this.count += samples;
    return removed;
  }
}
