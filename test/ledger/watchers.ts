import { setTimeout as sleep } from 'node:timers/promises';
import { type CustomPage, scrapeCustom } from './custom-page.js';
import type { Findings } from './findings.js';
import type { Fleet } from './fleet.js';
import { type HistoryClient, HistoryRefusal } from './history-client.js';
import { pushedNameOf } from './series-name.js';
import type { SeededRandom } from '../support/seeded-random.js';
import type { Watermarks } from './watermarks.js';
import { DELTA_COUNTERS } from './workload.js';

const SCRAPE_INTERVAL_MS = 100;
const SCRAPE_TIMEOUT_MS = 1_000;
const HISTORY_INTERVAL_MS = 1_500;
const HISTORY_TIMEOUT_MS = 5_000;

/** Scrapes every process continuously, bypassing the proxy, and reads the history at the same time. */
export class Watchers {
  scrapes = 0;
  queries = 0;
  private isOver = false;
  private runs: Promise<void>[] = [];

  constructor(
    private readonly fleet: Fleet,
    private readonly history: HistoryClient,
    private readonly marks: Watermarks,
    private readonly findings: Findings,
    private readonly random: SeededRandom,
    private readonly hasSharedReads: boolean,
    /** Returns the current situation, for a finding. */
    private readonly situation: () => string,
  ) {}

  start(): void {
    this.runs = Array.from({ length: this.fleet.size }, (_, index) => this.watchPage(index));
    this.runs.push(this.watchHistory());
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.runs);
  }

  /** Scrapes a process again and again, one scrape at a time, so that the order of the results is certain. */
  private async watchPage(index: number): Promise<void> {
    while (!this.isOver) {
      const startedAt = Date.now();
      const url = this.fleet.urls[index];
      const page = url === undefined ? undefined : await scrapeCustom(url, SCRAPE_TIMEOUT_MS).catch(() => undefined);
      if (page !== undefined) {
        this.scrapes++;
        this.marks.observe(pageOf(index), countersOf(page), this.situation());
      }
      await sleep(Math.max(0, startedAt + SCRAPE_INTERVAL_MS - Date.now()));
    }
  }

  /**
   * Checks that a query returns everything that any exposition had shown before the query began, even while the compaction
   * moves the samples.
   */
  private async watchHistory(): Promise<void> {
    for (; !this.isOver; await sleep(HISTORY_INTERVAL_MS)) {
      const index = this.random.integer(0, this.fleet.size - 1);
      const url = this.fleet.urls[index];
      const metric = this.random.pick(DELTA_COUNTERS);
      if (url === undefined) continue;
      const shown = this.hasSharedReads ? this.marks.highestNow() : this.marks.seenBy(pageOf(index));
      const before = [...shown].filter(([series]) => isOf(series, metric));
      if (before.length === 0) continue;
      const stillHolds = this.marks.watch();
      try {
        const values = await this.history.query(url, metric, 'last', HISTORY_TIMEOUT_MS);
        this.queries++;
        if (!stillHolds()) continue;
        this.marks.expectNotBelow(
          new Map(before),
          values,
          `history of ${metric} on process ${index} (${this.situation()})`,
        );
      } catch (error) {
        // A fault looks like a broken connection or a 503. Any other error is a wrong answer.
        if (error instanceof HistoryRefusal && error.status !== 503) this.findings.add(error.message);
      }
    }
  }
}

function pageOf(index: number): string {
  return `page of process ${index}`;
}

/** Returns the values that are sums of deltas. */
function countersOf({ values }: CustomPage): Map<string, number> {
  return new Map([...values].filter(([series]) => DELTA_COUNTERS.some((metric) => isOf(pushedNameOf(series), metric))));
}

function isOf(series: string, metric: string): boolean {
  return series === metric || series.startsWith(`${metric}{`);
}
