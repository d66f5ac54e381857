import { setTimeout as sleep } from 'node:timers/promises';
import { ADMIN_TOKEN, INGEST_TOKEN } from '../support/server.js';
import type { Findings } from './findings.js';
import { type HttpAnswer, send } from './http-client.js';
import type { Journal } from './journal.js';
import type { SeededRandom } from '../support/seeded-random.js';
import { type LedgerRequest, MARKER, Workload } from './workload.js';

const PATH = '/api/client/metrics/custom';
/** Longer than the service holds a request, shorter than a frozen process is waited for by real clients. */
const TIMEOUT_MS = 8_000;
const GIVE_UP_MS = 60_000;

export interface PusherContext {
  /** Of the proxy. */
  readonly url: () => string;
  readonly hasKeys: boolean;
  readonly requestsPerNewSeries: number;
  readonly journal: Journal;
  readonly findings: Findings;
  /** Address of a process that is up, past the proxy. */
  readonly anyProcess: () => string | undefined;
}

/** A client that sends one request after the other, each until it is acknowledged. */
export class Pusher {
  private readonly workload: Workload;
  /** Requests whose 202 did not say that it was a replay: at most one of the answers to a request may. */
  private firstAnswers = 0;
  /** Failovers before the first try of the request under way: each may lose the request, which is then taken anew. */
  private failoversBefore = 0;
  private isAbandoned = false;

  constructor(
    private readonly name: string,
    runId: string,
    private readonly random: SeededRandom,
    private readonly context: PusherContext,
  ) {
    const { journal, requestsPerNewSeries } = context;
    this.workload = new Workload(name, runId, random.fork(), journal.nextNumber, requestsPerNewSeries);
  }

  /** Ends with the request under way once told so. */
  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const request = this.workload.next();
      const sentAt = Date.now();
      this.context.journal.noteSent(request);
      this.firstAnswers = 0;
      this.failoversBefore = this.context.journal.failovers;
      if (this.context.hasKeys) await this.deliver(request);
      else await this.sendOnce(request);
      if (this.context.journal.acknowledged.has(request.number) && this.random.isTrue(0.03)) {
        await this.readBack(request, sentAt);
      }
      await sleep(this.random.integer(5, 120));
    }
  }

  /** Nobody is there any more: what is under way is not sent again. */
  abandon(): void {
    this.isAbandoned = true;
  }

  /** Sends until acknowledged, sometimes as two at once, and sometimes once more afterwards. */
  private async deliver(request: LedgerRequest): Promise<void> {
    const giveUpAt = Date.now() + GIVE_UP_MS;
    while (!this.context.journal.acknowledged.has(request.number)) {
      if (this.isAbandoned) return;
      if (Date.now() > giveUpAt) {
        this.context.findings.add(`request ${request.number} was not acknowledged for ${GIVE_UP_MS / 1000} s`);
        return;
      }
      const copies = this.random.isTrue(0.05) ? 2 : 1;
      const statuses = await Promise.all(Array.from({ length: copies }, () => this.sendOnce(request)));
      if (!statuses.includes(202)) await sleep(this.random.integer(20, 150));
    }
    if (this.random.isTrue(0.05)) await this.sendOnce(request, true);
    if (this.random.isTrue(0.01) && this.context.journal.isCertain(request)) await this.sendOtherBody(request);
  }

  /** @returns the status; undefined when the connection broke */
  private async sendOnce(request: LedgerRequest, isKnown = false): Promise<number | undefined> {
    const { journal, findings } = this.context;
    const { failovers } = journal;
    const answer = await this.post(request, request.body);
    if (answer === undefined) return undefined;
    const isReplay = answer.headers['idempotency-replayed'] === 'true';
    const about = `request ${request.number}: ${answer.status} ${answer.body}`;
    if (answer.status === 202) {
      if (answer.body !== '') findings.add(`${about}: an item was refused`);
      if (isReplay) journal.replays++;
      else if (++this.firstAnswers > this.allowedFirstAnswers(isKnown)) {
        findings.add(`${about}: taken a second time, not a replay`);
      }
      journal.acknowledge(request, failovers);
    } else if (answer.status === 503) {
      journal.unavailable++;
      if (answer.headers['retry-after'] === undefined) findings.add(`${about}: without Retry-After`);
    } else {
      findings.add(`${about}: unexpected`);
    }
    return answer.status;
  }

  /** A request that is known to be stored is only answered with a replay; each failover since its first try may change that. */
  private allowedFirstAnswers(isKnown: boolean): number {
    const failovers = this.context.journal.failovers - this.failoversBefore;
    return isKnown && failovers === 0 ? 0 : 1 + failovers;
  }

  /** What was acknowledged under this key stays; another body under it is refused, and nothing of it stored. */
  private async sendOtherBody(request: LedgerRequest): Promise<void> {
    const marker = { name: MARKER, value: -request.number, labels: { pusher: this.name } };
    const answer = await this.post(request, JSON.stringify({ metrics: [marker] }));
    if (answer === undefined || answer.status === 503 || answer.status === 422) return;
    this.context.findings.add(`request ${request.number} with another body: ${answer.status} ${answer.body}`);
  }

  /** A query that starts after the 202 sees the sample, whichever process it asks. */
  private async readBack(request: LedgerRequest, sentAt: number): Promise<void> {
    const process = this.context.anyProcess();
    if (process === undefined) return;
    const askedAt = Date.now();
    const range = `from=${sentAt - 2_000}`;
    const first = await this.askForMarker(process, request, range);
    if (first === undefined || first.sample !== undefined) return;
    // The sample may have been lost meanwhile; the comparison of what is stored tells.
    if (this.context.journal.failovers !== this.failoversBefore) return;
    // Asked with room at both ends, to tell a sample that is not found from one that is thought to be later than now.
    const second = await this.askForMarker(process, request, `from=${sentAt - 60_000}&to=${askedAt + 60_000}`);
    this.context.findings.add(
      `request ${request.number} of pusher ${this.name}, sent ${new Date(sentAt).toISOString()} and acknowledged, was asked ` +
        `for at ${new Date(askedAt).toISOString()} and is not in the history: ${first.text}\n` +
        `    from a minute before to a minute later: ${JSON.stringify(second?.sample ?? second?.text)}`,
    );
  }

  /** @returns undefined when the process could not answer */
  private async askForMarker(process: string, { number }: LedgerRequest, range: string) {
    const url = `${process}/api/history/samples?metric=${MARKER}&label=pusher=${this.name}&limit=10000&${range}`;
    try {
      const answer = await send(url, { headers: { Authorization: ADMIN_TOKEN }, timeoutMs: TIMEOUT_MS });
      if (answer.status === 503) return undefined;
      const text = `${answer.status} ${answer.body.slice(0, 300)}`;
      if (answer.status !== 200) return { text, sample: undefined };
      const { samples } = JSON.parse(answer.body) as { samples: { at: string; value: number }[] };
      return { text, sample: samples.find(({ value }) => value === number) };
    } catch {
      return undefined;
    }
  }

  private async post(request: LedgerRequest, body: string): Promise<HttpAnswer | undefined> {
    const { journal, url, hasKeys } = this.context;
    journal.tries++;
    const headers: Record<string, string> = { Authorization: INGEST_TOKEN, 'Content-Type': 'application/json' };
    if (hasKeys) headers['Idempotency-Key'] = request.key;
    try {
      return await send(url() + PATH, { method: 'POST', headers, body, timeoutMs: TIMEOUT_MS });
    } catch {
      // Stored or not: nobody can know yet.
      journal.brokenConnections++;
      return undefined;
    }
  }
}

/** All pushers, to be stopped and started together. */
export class Pushers {
  private isOver = true;
  private runs: Promise<void>[] = [];

  constructor(private readonly pushers: readonly Pusher[]) {}

  resume(): void {
    this.isOver = false;
    this.runs = this.pushers.map((pusher) => pusher.run(() => this.isOver));
  }

  /** Resolves when nothing is under way any more, and with keys everything sent is acknowledged. */
  async pause(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.runs);
  }

  /** The end of a run, whatever has become of the processes. */
  async abandon(): Promise<void> {
    for (const pusher of this.pushers) pusher.abandon();
    await this.pause();
  }
}
