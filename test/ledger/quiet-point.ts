import { setTimeout as sleep } from 'node:timers/promises';
import { type CheckContext, compareAll, comparePageTexts, type Differences } from './checks.js';
import type { CustomPage } from './custom-page.js';
import type { Findings } from './findings.js';
import type { Fleet } from './fleet.js';
import { HistoryRefusal } from './history-client.js';
import { countRows } from './stored-samples.js';

/**
 * Maximum time until all processes show the same, without any further push. They promise a second; the rest is for a machine that
 * is busy with other tests.
 */
const SETTLE_LIMIT_MS = 15_000;
const DRAIN_LIMIT_MS = 60_000;
const PAUSE_MS = 100;

/** Compares everything while nothing is pushed and all processes run. */
export class QuietPoint {
  count = 0;
  /** The longest time from the last acknowledgement or start to the first comparison that found no difference. */
  longestSettlingMs = 0;

  constructor(
    private readonly fleet: Fleet,
    private readonly findings: Findings,
    private readonly context: () => CheckContext,
  ) {}

  /**
   * Compares everything.
   *
   * @param quietSince the time of the last event whose effects may still be spreading
   */
  async check(quietSince: number, name: string): Promise<void> {
    this.count++;
    this.report(await this.untilEqual(quietSince, () => compareAll(this.context())), name);
  }

  /** Checks that a restart of any kind changes no byte of the expositions. */
  async checkRestart(restart: () => Promise<void>, name: string): Promise<void> {
    const { page: before, differences } = await comparePageTexts(this.context().urls, undefined);
    this.report(differences, `${name}, before`);
    await restart();
    await this.checkUnchanged(this.fleet.readyAt, before, name);
  }

  /** Waits until the compaction has moved all rows, checks that this changed no byte of the expositions, and compares everything. */
  async checkAfterCompaction(): Promise<void> {
    const { page: before } = await comparePageTexts(this.context().urls, undefined);
    const { databaseUrl } = this.context();
    const giveUpAt = Date.now() + DRAIN_LIMIT_MS;
    let rows = await countRows(databaseUrl);
    for (; rows.log > 0 && Date.now() < giveUpAt; await sleep(PAUSE_MS)) rows = await countRows(databaseUrl);
    if (rows.log > 0)
      this.findings.add(`the compaction left ${rows.log} rows in the log for ${DRAIN_LIMIT_MS / 1000} s`);
    if (rows.chunks === 0)
      this.findings.add('the compaction made no chunk; LEDGER_WITHOUT_COMPACTION=1 is for builds that have none');
    await this.checkUnchanged(Date.now(), before, 'after the compaction');
    await this.check(Date.now(), 'after the compaction');
  }

  private async checkUnchanged(since: number, before: CustomPage, name: string): Promise<void> {
    const found = await this.untilEqual(
      since,
      async () => (await comparePageTexts(this.context().urls, before)).differences,
    );
    this.report(found, `${name} (page 0 is the one before)`);
  }

  private async untilEqual(since: number, compare: () => Promise<Differences>): Promise<Differences> {
    const quietSince = Math.max(since, this.fleet.readyAt);
    for (;;) {
      const startedAt = Date.now();
      const differences = await orPartAway(compare());
      if (differences === undefined) {
        if (startedAt - quietSince > SETTLE_LIMIT_MS) throw new Error('A part of the history is still away.');
        await sleep(PAUSE_MS);
        continue;
      }
      // Only the beginning of a comparison counts, because reading everything takes longer than settling.
      if (differences.isEmpty) {
        this.longestSettlingMs = Math.max(this.longestSettlingMs, startedAt - quietSince);
        return differences;
      }
      if (startedAt - quietSince > SETTLE_LIMIT_MS) return differences;
      await sleep(PAUSE_MS);
    }
  }

  private report(differences: Differences, name: string): void {
    if (!differences.isEmpty) this.findings.add(`${name}:\n${differences.toString()}`);
  }
}

/** @returns undefined if a connection to a server of Citus was lost: Citus notices that at the next use, and then opens a new one */
async function orPartAway(compared: Promise<Differences>): Promise<Differences | undefined> {
  try {
    return await compared;
  } catch (error) {
    if (error instanceof HistoryRefusal && error.message.includes('which stores a part of the history'))
      return undefined;
    throw error;
  }
}
