import type { SeededRandom } from '../support/seeded-random.js';
import { ADMIN_TOKEN } from '../support/server.js';
import type { Findings } from './findings.js';
import type { Fleet } from './fleet.js';
import { send } from './http-client.js';
import type { Journal } from './journal.js';
import { ATTEMPT_TIMEOUT_MS, untilAnswered } from './repeated-request.js';
import type { Watermarks } from './watermarks.js';
import { CHANGEABLE_METRICS } from './workload.js';

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

  async strike(): Promise<void> {
    const metric = this.random.pick(CHANGEABLE_METRICS);
    const from = Date.now() - this.random.integer(2_000, 60_000);
    const to = from + this.random.integer(500, 40_000);
    const record = this.journal.beginDeletion({ metric, from, to, sentAt: Date.now() });
    // The first one is always interrupted, because a short run has only one.
    const isKilling = !this.isStruck || this.random.isTrue(0.4);
    this.isStruck = true;
    const sentAt = await untilAnswered(
      {
        killWithinMs: isKilling ? LONGEST_KILL_MS : undefined,
        send: (url) => this.send(url, metric, from, to),
      },
      this.fleet,
      this.random,
    );
    if (sentAt === undefined)
      this.findings.add(`the deletion of ${metric} from ${from} to ${to} was not answered in time`);
    else record.end(sentAt);
  }

  /** @returns the time at which this attempt was sent if it has succeeded; undefined if the outcome is not known */
  private async send(url: string, metric: string, from: number, to: number): Promise<number | undefined> {
    const target = `${url}/api/admin/metrics/${metric}/samples?from=${from}&to=${to}`;
    // A lost attempt may have deleted the samples. The next one also deletes those that have been pushed in the range since then.
    this.marks.beginCorrection(metric);
    const sentAt = Date.now();
    try {
      const { status, body } = await send(target, {
        method: 'DELETE',
        headers: { Authorization: ADMIN_TOKEN },
        timeoutMs: ATTEMPT_TIMEOUT_MS,
      });
      // 404 means that the metric has not been pushed yet.
      if (status === 200 || status === 404) return sentAt;
      if (status !== 503) this.findings.add(`DELETE ${target}: ${status} ${body.slice(0, 300)}`);
    } catch {
      // The connection broke, or the time was up.
    }
    return undefined;
  }
}
