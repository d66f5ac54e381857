import { type LedgerItem, TIMED_METRICS } from './workload.js';

/** Tolerance for the clocks of a client and of Postgres on the same machine, in milliseconds. */
const CLOCK_TOLERANCE_MS = 100;

/** What may have happened to a sample. */
export type SampleFate = 'kept' | 'deleted' | 'unknown';

/** A request that has begun to delete the samples of a metric in a range. */
export interface BegunDeletion {
  readonly metric: string;
  readonly from: number;
  readonly to: number;
  /** The time at which it was sent first. */
  readonly sentAt: number;
}

/** The times of a request that has pushed a sample. */
export interface PushTimes {
  readonly sentAt: number;
  /** The time of the first 202; undefined if there was none. */
  readonly acknowledgedAt: number | undefined;
}

/** Knows which samples a deletion must have deleted, and which it can't have deleted. */
export class DeletionRecord {
  private answeredSentAt = Infinity;
  private endedAt = Infinity;

  constructor(readonly begun: BegunDeletion) {}

  /**
   * Records that an attempt was answered 200.
   *
   * @param sentAt the time at which this attempt was sent
   */
  end(sentAt: number): void {
    this.answeredSentAt = sentAt;
    this.endedAt = Date.now();
  }

  fateOf(item: LedgerItem, push: PushTimes): SampleFate {
    const { metric, from, to } = this.begun;
    if (item.name !== metric || push.sentAt > this.endedAt) return 'kept';
    const { earliest, latest } = timesOf(item, push);
    if (latest < from || earliest >= to) return 'kept';
    const isInRange = earliest >= from && latest < to;
    const isBefore = push.acknowledgedAt !== undefined && push.acknowledgedAt < this.answeredSentAt;
    // Without an answer, it is not even known whether the samples are deleted that were there before.
    return isInRange && isBefore && Number.isFinite(this.endedAt) ? 'deleted' : 'unknown';
  }
}

/** Returns the range in which the time of a sample must be. Without a time of its own, it has a time between push and answer. */
function timesOf({ name, timestamp }: LedgerItem, { sentAt, acknowledgedAt }: PushTimes) {
  if (TIMED_METRICS.includes(name)) return { earliest: timestamp!, latest: timestamp! };
  return { earliest: sentAt - CLOCK_TOLERANCE_MS, latest: (acknowledgedAt ?? Infinity) + CLOCK_TOLERANCE_MS };
}
