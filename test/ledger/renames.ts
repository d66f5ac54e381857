import type { SeededRandom } from '../support/seeded-random.js';
import { ADMIN_TOKEN } from '../support/server.js';
import type { Findings } from './findings.js';
import type { Fleet } from './fleet.js';
import { send } from './http-client.js';
import type { Journal } from './journal.js';
import { ATTEMPT_TIMEOUT_MS, untilAnswered } from './repeated-request.js';
import { pastNameOf } from './series-name.js';
import type { Watermarks } from './watermarks.js';
import { CHANGEABLE_METRICS } from './workload.js';

/** The longest time between the start of a rename and the kill of its process. */
const LONGEST_KILL_MS = 60;

/** Renames a metric on a process that may be killed meanwhile. The pushers go on to push it under its former name. */
export class Renames {
  private count = 0;

  constructor(
    private readonly fleet: Fleet,
    private readonly journal: Journal,
    private readonly marks: Watermarks,
    private readonly findings: Findings,
    private readonly random: SeededRandom,
  ) {}

  async strike(): Promise<void> {
    const metric = this.random.pick(CHANGEABLE_METRICS);
    const to = pastNameOf(metric, ++this.count);
    const record = this.journal.beginRename(metric, Date.now());
    this.marks.beginCorrection(metric);
    // The first one is always interrupted, because a short run has only one.
    const isKilling = this.count === 1 || this.random.isTrue(0.5);
    const isDone = await untilAnswered(
      {
        killWithinMs: isKilling ? LONGEST_KILL_MS : undefined,
        send: (url, isLost) => this.send(url, metric, to, isLost),
      },
      this.fleet,
      this.random,
    );
    if (isDone === undefined) this.findings.add(`the rename of ${metric} to ${to} was not answered in time`);
    else record.end(isDone);
  }

  /**
   * @param isLost true if the answer to an earlier attempt was lost
   * @returns whether the metric has the new name; undefined if that is not known yet
   */
  private async send(url: string, metric: string, to: string, isLost: boolean): Promise<boolean | undefined> {
    const target = `${url}/api/admin/metrics/${metric}/rename`;
    try {
      const { status, body } = await send(target, {
        method: 'POST',
        headers: { Authorization: ADMIN_TOKEN, 'Content-Type': 'application/json' },
        body: JSON.stringify({ to }),
        timeoutMs: ATTEMPT_TIMEOUT_MS,
      });
      if (status === 503) return undefined;
      // The metric has not been pushed yet.
      if (status === 404) return false;
      // The earlier attempt has succeeded, and a push has created a new metric of the former name since then.
      if (status === 409 && isLost && body.includes(`There is already a`)) return true;
      if (status !== 200) this.findings.add(`POST ${target}: ${status} ${body.slice(0, 300)}`);
      return true;
    } catch {
      return undefined;
    }
  }
}
