import { setTimeout as sleep } from 'node:timers/promises';
import { ADMIN_TOKEN, INGEST_TOKEN } from '../support/server.js';
import type { Findings } from './findings.js';
import { type HttpAnswer, send } from './http-client.js';
import type { Journal } from './journal.js';
import type { SeededRandom } from '../support/seeded-random.js';
import { type LedgerRequest, MARKER, Workload } from './workload.js';

const PATH = '/api/client/metrics/custom';
/**
 * Maximum time for a request. It is longer than the service holds a request, and shorter than real clients wait for a frozen
 * process.
 */
const TIMEOUT_MS = 8_000;
const GIVE_UP_MS = 60_000;

export interface PusherContext {
  /** Returns the URL of the proxy. */
  readonly url: () => string;
  readonly hasKeys: boolean;
  readonly requestsPerNewSeries: number;
  readonly journal: Journal;
  readonly findings: Findings;
  /** Returns the URL of a random process for a query past the proxy; undefined if it is down or this run has no such queries. */
  readonly anyProcess: () => string | undefined;
}

/** Sends one request after another, each until it is acknowledged. */
export class Pusher {
  private readonly workload: Workload;
  /** The number of answers 202 that were not marked as a replay. Each request may get at most one of them. */
  private firstAnswers = 0;
  /**
   * The number of failovers before the first attempt of the current request. Each later failover may lose the request, which is
   * then stored again.
   */
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

  /** Sends requests until told to stop, and completes the current one. */
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

  /** Stops sending the current request, because no process will answer it. */
  abandon(): void {
    this.isAbandoned = true;
  }

  /** Sends a request until it is acknowledged, sometimes as two concurrent requests, and sometimes once more afterwards. */
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

  /**
   * Sends a request once, and checks the answer.
   *
   * @param isKnown true if the request is known to be stored
   * @returns the status; undefined if the connection broke or the time was up
   */
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

  /**
   * Returns how many answers 202 may not be marked as a replay. A request that is known to be stored gets only replays, unless a
   * failover has happened since its first attempt.
   */
  private allowedFirstAnswers(isKnown: boolean): number {
    const failovers = this.context.journal.failovers - this.failoversBefore;
    return isKnown && failovers === 0 ? 0 : 1 + failovers;
  }

  /** Sends another body under an acknowledged key. The request must be refused, and no part of it may be stored. */
  private async sendOtherBody(request: LedgerRequest): Promise<void> {
    const marker = { name: MARKER, value: -request.number, labels: { pusher: this.name } };
    const answer = await this.post(request, JSON.stringify({ metrics: [marker] }));
    if (answer === undefined || answer.status === 503 || answer.status === 422) return;
    this.context.findings.add(`request ${request.number} with another body: ${answer.status} ${answer.body}`);
  }

  /** Checks that a query that starts after the 202 finds the sample on any process. */
  private async readBack(request: LedgerRequest, sentAt: number): Promise<void> {
    const process = this.context.anyProcess();
    if (process === undefined) return;
    const askedAt = Date.now();
    const range = `from=${sentAt - 2_000}`;
    const first = await this.askForMarker(process, request, range);
    if (first === undefined || first.sample !== undefined) return;
    // The sample may have been lost in the meantime, which the comparison of stored samples shows.
    if (this.context.journal.failovers !== this.failoversBefore) return;
    // The range is extended at both ends, to distinguish a sample that is not found from one that counts as being in the future.
    const second = await this.askForMarker(process, request, `from=${sentAt - 60_000}&to=${askedAt + 60_000}`);
    this.context.findings.add(
      `request ${request.number} of pusher ${this.name}, sent ${new Date(sentAt).toISOString()} and acknowledged, was asked ` +
        `for at ${new Date(askedAt).toISOString()} and is not in the history: ${first.text}\n` +
        `    from a minute before to a minute later: ${JSON.stringify(second?.sample ?? second?.text)}`,
    );
  }

  /** @returns undefined if the process could not answer */
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
      // It is not known yet whether the request was stored.
      journal.brokenConnections++;
      return undefined;
    }
  }
}

/** Starts and stops all pushers together. */
export class Pushers {
  private isOver = true;
  private runs: Promise<void>[] = [];

  constructor(private readonly pushers: readonly Pusher[]) {}

  resume(): void {
    this.isOver = false;
    this.runs = this.pushers.map((pusher) => pusher.run(() => this.isOver));
  }

  /**
   * Stops the pushers. The promise resolves when no request is running and, with keys, everything that was sent is acknowledged.
   */
  async pause(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.runs);
  }

  /** Ends the pushers at the end of a run, regardless of the state of the processes. */
  async abandon(): Promise<void> {
    for (const pusher of this.pushers) pusher.abandon();
    await this.pause();
  }
}
