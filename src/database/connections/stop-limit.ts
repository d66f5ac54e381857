import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { giveUpConnections } from './bounded-data-source.js';
import { CUSTOM_METRICS_DATA_SOURCE, CUSTOM_METRICS_HISTORY_DATA_SOURCE } from '../data-source.token.js';

/** Background work that Postgres answers needs less; what it has not committed is found by the next process. */
const BACKGROUND_WAIT_MS = 1_000;

/**
 * Gives up the connections a moment after the last request has been answered. When the host of the database has gone silent, each
 * of them would hold the stop for as long as its statement may take.
 */
@Injectable()
export class StopLimit {
  /** Ends of work that may wait for Postgres for as long as its own limit says. */
  private readonly endings: (() => Promise<void>)[] = [];

  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(CUSTOM_METRICS_HISTORY_DATA_SOURCE) private readonly historyDataSource: DataSource,
  ) {}

  /** Has work ended when the stop begins, and keeps the connections until it has. */
  waitFor(end: () => Promise<void>): void {
    this.endings.push(end);
  }

  /** Returns at once. Without a silent connection everything has ended before the limit. */
  begin(): void {
    void this.giveUpInTime();
  }

  private async giveUpInTime(): Promise<void> {
    const ended = Promise.allSettled(this.endings.map((end) => end()));
    await sleep(BACKGROUND_WAIT_MS, undefined, { ref: false });
    await ended;
    for (const each of [this.dataSource, this.historyDataSource]) giveUpConnections(each);
  }
}
