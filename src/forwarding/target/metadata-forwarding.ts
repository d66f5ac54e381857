import { Injectable } from '@nestjs/common';
import { encodeMetadata } from '../message/encode-write-request.js';
import { SeriesTextsRepository } from '../samples/series-texts.repository.js';
import { Delivery } from './delivery.js';

const INTERVAL_MS = 60_000;
const METRICS_PER_REQUEST = 500;

/** A change that is committed late has an earlier time, so changes from this long before the last known one are sent again. */
const OVERLAP_MS = 60_000;

/**
 * Tells the target the types, help texts and units of metrics: all of them when this process begins to forward, and changed ones
 * once a minute. Samples do not wait for this.
 */
@Injectable()
export class MetadataForwarding {
  private lookedAt = -Infinity;
  private changedUntil = 0;

  constructor(
    private readonly repository: SeriesTextsRepository,
    private readonly delivery: Delivery,
  ) {}

  async forwardChanged(signal: AbortSignal): Promise<void> {
    const now = performance.now();
    if (now - this.lookedAt < INTERVAL_MS) return;
    this.lookedAt = now;
    let after = new Date(Math.max(0, this.changedUntil - OVERLAP_MS));
    for (let afterName = ''; !signal.aborted;) {
      const metrics = await this.repository.findChangedMetrics(after, afterName, METRICS_PER_REQUEST);
      const last = metrics.at(-1);
      if (last === undefined || !(await this.delivery.tell(encodeMetadata(metrics), signal))) return;
      after = last.changedAt;
      afterName = last.name;
      this.changedUntil = last.changedAt.getTime();
      if (metrics.length < METRICS_PER_REQUEST) return;
    }
  }

  /** Makes the next call of {@link forwardChanged} send everything again. */
  forget(): void {
    this.lookedAt = -Infinity;
    this.changedUntil = 0;
  }
}
