import { Injectable } from '@nestjs/common';
import { encodeWriteRequest } from '../message/encode-write-request.js';
import { ForwardingRepository } from '../position/forwarding.repository.js';
import { SeriesTexts } from '../samples/series-texts.js';
import { type EndedSeries, SeriesTextsRepository } from '../samples/series-texts.repository.js';
import { Delivery } from './delivery.js';

const INTERVAL_MS = 10_000;
const SERIES_PER_REQUEST = 1_000;

/**
 * A deletion that is committed late has an earlier time, so deletions from this long before the last known one are read again.
 */
const OVERLAP_MS = 60_000;

/**
 * Sends a stale marker for each series that was deleted, or that has another name since its metric was renamed. Without it, the
 * target would show the last value of the series for five more minutes.
 */
@Injectable()
export class EndedSeriesForwarding {
  private lookedAt = -Infinity;
  private until: number | undefined;
  private rename: number | undefined;
  /** The deletions of the last minute that the target has learned of, with their times. */
  private readonly sent = new Map<number, number>();

  constructor(
    private readonly repository: ForwardingRepository,
    private readonly series: SeriesTextsRepository,
    private readonly texts: SeriesTexts,
    private readonly delivery: Delivery,
  ) {}

  async forward(signal: AbortSignal): Promise<void> {
    const now = performance.now();
    if (now - this.lookedAt < INTERVAL_MS) return;
    this.lookedAt = now;
    await this.forwardDeleted(signal);
    await this.forwardRenamed(signal);
  }

  forget(): void {
    this.lookedAt = -Infinity;
    this.until = undefined;
    this.rename = undefined;
    this.sent.clear();
  }

  private async forwardDeleted(signal: AbortSignal): Promise<void> {
    this.until ??= await this.repository.findEndedUntil();
    const before = this.until;
    let after = before - OVERLAP_MS;
    for (let afterId = 0; !signal.aborted;) {
      const ended = await this.series.findEnded(after, afterId, SERIES_PER_REQUEST);
      const last = ended.at(-1);
      if (last === undefined) break;
      if (
        !(await this.end(
          ended.filter(({ id }) => !this.sent.has(id)),
          signal,
        ))
      )
        return;
      for (const { id, at } of ended) this.sent.set(id, at);
      after = last.at;
      afterId = last.id;
      this.until = Math.max(this.until, last.at);
    }
    for (const [id, at] of this.sent) if (at < this.until - OVERLAP_MS) this.sent.delete(id);
    if (this.until > before) await this.repository.storeEndedUntil(this.until);
  }

  private async forwardRenamed(signal: AbortSignal): Promise<void> {
    // Only renames since this process began to forward are followed. Earlier ones are usually long past.
    this.rename ??= await this.series.findNewestRename();
    let { rename } = this;
    for (let afterId = 2 ** 31 - 1; !signal.aborted;) {
      const renamed = await this.series.findRenamed(rename, afterId, SERIES_PER_REQUEST);
      const last = renamed.at(-1);
      if (last === undefined || !(await this.end(renamed, signal))) return;
      rename = last.rename;
      afterId = last.id;
      this.rename = last.rename;
    }
  }

  private async end(ended: readonly EndedSeries[], signal: AbortSignal): Promise<boolean> {
    if (ended.length === 0) return true;
    const values = Float64Array.of(NaN);
    const message = encodeWriteRequest(
      ended.map(({ at, ...series }) => ({
        labels: this.texts.labelsOf(series),
        timestamps: Float64Array.of(at),
        values,
        start: 0,
        end: 1,
      })),
    );
    return this.delivery.tell(message, signal);
  }
}
