import { Injectable, Logger } from '@nestjs/common';
import { addCompensated } from '../../live-values/compensated-sum.js';
import { ArchiveRepository, type ArchiveTransaction } from '../../sample-store/archive/archive.repository.js';
import type { LogRow } from '../../sample-store/log/log-row.js';
import { Turns } from '../../scheduling/turns.js';
import { bucketOf, memberOf, SERIES_PER_BUCKET, TotalsBucket } from '../samples/totals-bucket.js';
import type { Lease } from './lease.js';
import { TotalsStartRepository } from './totals-start.repository.js';

/** The totals of a bucket while they are computed. */
interface OpenBucket {
  readonly totals: TotalsBucket;
  /** The value is 1 for a series that is pushed as changes. */
  readonly areDeltas: Uint8Array;
}

/**
 * Computes the totals at the position from the store: when the forwarding begins, and when the stored totals have changed for a
 * reason other than new samples. The total of a series is the sum of its compacted samples and its samples in the forwarded rows
 * of the log.
 *
 * Such reasons are corrections, and samples that were left out of the totals. The forwarded totals are corrected once no
 * compacted row waits for the target, because until then the totals of the store contain samples that have not been forwarded.
 */
@Injectable()
export class TotalsStart {
  private readonly logger = new Logger(TotalsStart.name);

  constructor(
    private readonly archive: ArchiveRepository,
    private readonly repository: TotalsStartRepository,
  ) {}

  /**
   * Begins the forwarding after the rows that are in the log now.
   *
   * @returns false if the archive is busy, and the caller should try again
   * @throws LostLeaseError
   */
  async begin(lease: Lease): Promise<boolean> {
    const done = await this.archive.withLock(async (transaction) => {
      await this.repository.startPositions(transaction);
      await this.compute(transaction, lease);
      return true;
    });
    if (done === true) this.logger.log('The forwarding begins with the samples that arrive from now on.');
    return done === true;
  }

  /**
   * Computes the totals again.
   *
   * @returns false if that is not possible yet
   * @throws LostLeaseError
   */
  async renew(lease: Lease): Promise<boolean> {
    const done = await this.archive.withLock(async (transaction) => {
      if (await this.repository.hasKeptRows(transaction)) return false;
      await this.compute(transaction, lease);
      return true;
    });
    if (done === true) this.logger.log('The totals that are forwarded were computed again from the stored samples.');
    return done === true;
  }

  private async compute(transaction: ArchiveTransaction, lease: Lease): Promise<void> {
    const turns = new Turns();
    const buckets = await this.readTotals(transaction, turns);
    for await (const page of this.repository.forwardedRows(transaction)) {
      for (const row of page) {
        addRow(buckets, row);
        await turns.give();
      }
    }
    for await (const page of this.repository.storedBuckets(transaction)) {
      for (const { bucket, packed } of page) keepTimes(buckets.get(bucket)?.totals, TotalsBucket.unpack(packed));
    }
    const packed = Array.from(buckets, ([bucket, { totals }]) => ({ bucket, packed: totals.pack() }));
    await this.repository.store(transaction, packed);
    await this.repository.finish(transaction, lease);
  }

  private async readTotals(transaction: ArchiveTransaction, turns: Turns): Promise<Map<number, OpenBucket>> {
    const buckets = new Map<number, OpenBucket>();
    for await (const { ids, highs, lows, haveSamples } of this.repository.deltaTotals(transaction)) {
      for (const [place, id] of ids.entries()) {
        let bucket = buckets.get(bucketOf(id));
        if (bucket === undefined) {
          bucket = { totals: TotalsBucket.empty(), areDeltas: new Uint8Array(SERIES_PER_BUCKET) };
          buckets.set(bucketOf(id), bucket);
        }
        const member = memberOf(id);
        bucket.areDeltas[member] = 1;
        bucket.totals.highs[member] = highs[place]!;
        bucket.totals.lows[member] = lows[place]!;
        if (haveSamples[place] === 1) bucket.totals.lastAts[member] = -Infinity;
      }
      await turns.give();
    }
    return buckets;
  }
}

function addRow(buckets: ReadonlyMap<number, OpenBucket>, { seriesIds, values }: LogRow): void {
  for (let index = 0; index < seriesIds.length; index++) {
    const id = seriesIds[index]!;
    const bucket = buckets.get(bucketOf(id));
    const member = memberOf(id);
    if (bucket?.areDeltas[member] !== 1) continue;
    const { highs, lows, lastAts } = bucket.totals;
    addCompensated(highs, lows, member, values[index]!);
    lastAts[member] = -Infinity;
  }
}

/** Keeps the times of the last forwarded samples, which the store does not know. */
function keepTimes(totals: TotalsBucket | undefined, stored: TotalsBucket): void {
  if (totals === undefined) return;
  for (let member = 0; member < SERIES_PER_BUCKET; member++) {
    const at = stored.lastAts[member]!;
    if (!Number.isNaN(at) && !Number.isNaN(totals.lastAts[member]!)) totals.lastAts[member] = at;
  }
}
