import { setTimeout as sleep } from 'node:timers/promises';
import type { SeededRandom } from '../support/seeded-random.js';
import { ADMIN_TOKEN } from '../support/server.js';
import type { Findings } from './findings.js';
import type { Fleet } from './fleet.js';
import { send } from './http-client.js';
import type { Journal } from './journal.js';
import type { Watermarks } from './watermarks.js';
import { DELTA_COUNTERS, LAST_VALUES, MARKER } from './workload.js';

/** The markers stay, because they say which requests are stored. */
const METRICS = [...DELTA_COUNTERS, ...LAST_VALUES].filter((metric) => metric !== MARKER);

const TIMEOUT_MS = 15_000;
const GIVE_UP_MS = 90_000;
/** The longest time between the start of a deletion and the kill of its process. */
const LONGEST_KILL_MS = 150;

/** Deletes the samples of a metric in a range of time, on a process that may be killed meanwhile. */
export class Deletions {
  private isStruck = false;

  constructor(
    private readonly fleet: Fleet,
    private readonly journal: Journal,
    private readonly marks: Watermarks,
    private readonly findings: Findings,
    private readonly random: SeededRandom,
  ) {}

  /** Deletes a range, and repeats the request until it is answered, because a lost answer does not say what has happened. */
  async strike(): Promise<void> {
    const metric = this.random.pick(METRICS);
    const from = Date.now() - this.random.integer(2_000, 60_000);
    const to = from + this.random.integer(500, 40_000);
    const deletion = { metric, from, to, sentAt: Date.now() };
    const record = this.journal.beginDeletion(deletion);
    this.marks.beginCorrection(metric);
    // The first one is always interrupted, because a short run has only one.
    let isKilling = !this.isStruck || this.random.isTrue(0.4);
    this.isStruck = true;
    for (const giveUpAt = Date.now() + GIVE_UP_MS; Date.now() < giveUpAt; await sleep(200)) {
      const index = this.random.integer(0, this.fleet.size - 1);
      const url = this.fleet.urls[index];
      if (url === undefined) continue;
      const sentAt = Date.now();
      const answer = this.send(url, metric, from, to);
      if (isKilling) {
        isKilling = false;
        await sleep(this.random.integer(0, LONGEST_KILL_MS));
        await this.fleet.kill(index);
        await answer;
        await this.fleet.start(index);
        continue;
      }
      if ((await answer) !== 200) continue;
      record.end(sentAt);
      return;
    }
    this.findings.add(`the deletion of ${metric} from ${from} to ${to} was not answered for ${GIVE_UP_MS / 1000} s`);
  }

  /** @returns the status; undefined if the connection broke or the time was up */
  private async send(url: string, metric: string, from: number, to: number): Promise<number | undefined> {
    const target = `${url}/api/admin/metrics/${metric}/samples?from=${from}&to=${to}`;
    try {
      const answer = await send(target, {
        method: 'DELETE',
        headers: { Authorization: ADMIN_TOKEN },
        timeoutMs: TIMEOUT_MS,
      });
      // 404 means that the metric has not been pushed yet.
      if (answer.status === 404) return 200;
      if (answer.status !== 200 && answer.status !== 503) {
        this.findings.add(`DELETE ${target}: ${answer.status} ${answer.body.slice(0, 300)}`);
      }
      return answer.status;
    } catch {
      return undefined;
    }
  }
}
