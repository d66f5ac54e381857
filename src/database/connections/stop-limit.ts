import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { giveUpConnections } from './bounded-data-source.js';
import { CUSTOM_METRICS_DATA_SOURCE, CUSTOM_METRICS_HISTORY_DATA_SOURCE } from '../data-source.token.js';

/**
 * The time that background work is given to end before its connections are closed. The work needs less if Postgres answers, and
 * the next process repeats work that was not committed.
 */
const BACKGROUND_WAIT_MS = 1_000;

/**
 * Gives up all connections a moment after the last request was answered. If the database host is silent, each connection would
 * otherwise delay the stop by the time limit of its statement.
 */
@Injectable()
export class StopLimit {
  /** Functions that end registered work. Such work may wait for Postgres up to its own limit. */
  private readonly endings: (() => Promise<void>)[] = [];

  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(CUSTOM_METRICS_HISTORY_DATA_SOURCE) private readonly historyDataSource: DataSource,
  ) {}

  /** Registers work that ends when the stop begins. The connections are kept until this work has ended. */
  waitFor(end: () => Promise<void>): void {
    this.endings.push(end);
  }

  /** Starts the time limit and returns immediately. Without a silent connection, everything ends before the limit. */
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
