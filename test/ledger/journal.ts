import { type LedgerRequest, sampleKey } from './workload.js';

/**
 * What the clients know: what was sent, what was acknowledged, and what of that a failover may lose.
 *
 * The database loses nothing but what was acknowledged after the last position that its standby is known to have, and
 * before the standby took the primary's place.
 */
export class Journal {
  private readonly requests = new Map<number, LedgerRequest>();
  readonly acknowledged = new Set<number>();
  /** Requests sent, each try counted. */
  tries = 0;
  replays = 0;
  brokenConnections = 0;
  unavailable = 0;
  lastAcknowledgedAt = 0;
  /** Standbys that were promoted so far. */
  failovers = 0;
  /** Numbers of acknowledged requests that may be on the old primary alone. */
  private readonly atRisk = new Set<number>();
  private isLagging = false;
  private count = 0;

  /** Numbers are unique over all pushers. */
  readonly nextNumber = (): number => ++this.count;

  /** Before the first byte leaves. */
  noteSent(request: LedgerRequest): void {
    this.requests.set(request.number, request);
  }

  /**
   * Takes up a 202.
   *
   * @param failoversBefore as many as there had been when the answered try was sent: of a try that was under way during a
   *   failover nobody knows which primary has stored it
   */
  acknowledge({ number }: LedgerRequest, failoversBefore: number): void {
    const isCertain = !this.isLagging && failoversBefore === this.failovers;
    if (isCertain) this.atRisk.delete(number);
    else if (!this.acknowledged.has(number)) this.atRisk.add(number);
    this.acknowledged.add(number);
    this.lastAcknowledgedAt = Date.now();
  }

  /** From now on the standby may lack what is acknowledged. */
  beginLag(): void {
    this.isLagging = true;
  }

  /** The standby takes writes from now on, and the old primary is gone. */
  failOver(): void {
    this.isLagging = false;
    this.failovers++;
  }

  /** Whether a request was acknowledged, and no failover so far can have lost it. */
  isCertain({ number }: LedgerRequest): boolean {
    return !this.isLagging && this.acknowledged.has(number) && !this.atRisk.has(number);
  }

  /**
   * Strikes out what is lost, so that from now on nothing of it may be stored. Nothing may be under way meanwhile.
   *
   * @returns how many requests were lost
   */
  settleLosses(stored: ReadonlyMap<string, number>): number {
    const lost = [...this.atRisk].filter((number) => !stored.has(sampleKey(this.requests.get(number)!.items[0]!)));
    for (const number of lost) {
      this.requests.delete(number);
      this.acknowledged.delete(number);
    }
    this.atRisk.clear();
    return lost.length;
  }

  find(number: number): LedgerRequest | undefined {
    return this.requests.get(number);
  }

  get sent(): ReadonlyMap<number, LedgerRequest> {
    return this.requests;
  }
}
