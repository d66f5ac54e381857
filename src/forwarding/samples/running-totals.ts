import { Injectable } from '@nestjs/common';
import { ForwardingRepository, type PackedBucket } from '../position/forwarding.repository.js';
import { bucketOf, TotalsBucket } from './totals-bucket.js';

/**
 * Maximum number of buckets in memory between two stretches. They take 30 MB. If there are more, all are dropped and read again
 * when they are needed.
 */
const MAX_BUCKETS = 20_000;

const BUCKETS_PER_READ = 2_000;

/**
 * Keeps the totals of series that are pushed as changes, as they were last forwarded.
 *
 * The totals are stored together with the position. A process that continues after a crash therefore starts from the same totals
 * and forwards the same values for the same times.
 */
@Injectable()
export class RunningTotals {
  private readonly buckets = new Map<number, TotalsBucket>();
  private readonly changed = new Set<number>();

  constructor(private readonly repository: ForwardingRepository) {}

  /** Reads the totals of some series, unless they are in memory. */
  async load(seriesIds: Iterable<number>): Promise<void> {
    const missing = new Set<number>();
    for (const id of seriesIds) {
      const bucket = bucketOf(id);
      if (!this.buckets.has(bucket)) missing.add(bucket);
    }
    const wanted = [...missing];
    for (let from = 0; from < wanted.length; from += BUCKETS_PER_READ) {
      const page = wanted.slice(from, from + BUCKETS_PER_READ);
      const found = await this.repository.findTotals(page);
      for (const bucket of page) this.buckets.set(bucket, TotalsBucket.empty());
      for (const { bucket, packed } of found) this.buckets.set(bucket, TotalsBucket.unpack(packed));
    }
  }

  /** Returns the totals of a series that was loaded, in order to change them. */
  change(seriesId: number): TotalsBucket {
    const bucket = bucketOf(seriesId);
    this.changed.add(bucket);
    return this.buckets.get(bucket)!;
  }

  /** Returns the totals that have changed since {@link noteStored}. */
  changes(): PackedBucket[] {
    return Array.from(this.changed, (bucket) => ({ bucket, packed: this.buckets.get(bucket)!.pack() }));
  }

  /** Notes that all changes are stored, and drops all totals if there are very many. */
  noteStored(): void {
    this.changed.clear();
    if (this.buckets.size > MAX_BUCKETS) this.buckets.clear();
  }

  /** Forgets everything, including changes that are not stored. */
  forget(): void {
    this.changed.clear();
    this.buckets.clear();
  }
}
