import type { BegunDeletion, PushTimes, SampleFate } from './deletion-record.js';

/**
 * The time after which no process accepts a push under the former name for the renamed metric. Processes poll four times a second, but one of
 * them may be frozen.
 */
const LEARNED_MS = 15_000;

/** A rename of a metric, with the times of its requests. */
export class RenameRecord {
  private endedAt = Infinity;
  private isDone = false;

  /** @param sentAt the time at which it was sent first */
  constructor(
    private readonly metric: string,
    private readonly sentAt: number,
  ) {}

  /** Records that the rename was answered, and whether the metric has the new name. */
  end(isDone: boolean): void {
    this.isDone = isDone;
    this.endedAt = Date.now();
  }

  /** Returns whether a sample that was pushed as a metric must now be a sample of the renamed one. */
  hasMoved(metric: string, { acknowledgedAt }: PushTimes): boolean {
    return this.isDone && metric === this.metric && acknowledgedAt !== undefined && acknowledgedAt < this.sentAt;
  }

  /** Corrects what a deletion means for a sample, because a renamed sample is not deleted under its former name. */
  correct(fate: SampleFate, { metric, sentAt }: BegunDeletion, push: PushTimes): SampleFate {
    if (fate === 'kept' || metric !== this.metric || sentAt < this.sentAt || (!this.isDone && this.endedAt < sentAt))
      return fate;
    if (push.sentAt > this.endedAt + LEARNED_MS) return fate;
    return this.hasMoved(metric, push) && this.endedAt < sentAt ? 'kept' : 'unknown';
  }
}
