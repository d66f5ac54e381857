import type { LedgerRequest } from './workload.js';

/** What the clients know: what was sent, what was acknowledged. */
export class Journal {
  private readonly requests = new Map<number, LedgerRequest>();
  readonly acknowledged = new Set<number>();
  /** Requests sent, each try counted. */
  tries = 0;
  replays = 0;
  brokenConnections = 0;
  unavailable = 0;
  lastAcknowledgedAt = 0;
  private count = 0;

  /** Numbers are unique over all pushers. */
  readonly nextNumber = (): number => ++this.count;

  /** Before the first byte leaves. */
  noteSent(request: LedgerRequest): void {
    this.requests.set(request.number, request);
  }

  acknowledge(request: LedgerRequest): void {
    this.acknowledged.add(request.number);
    this.lastAcknowledgedAt = Date.now();
  }

  find(number: number): LedgerRequest | undefined {
    return this.requests.get(number);
  }

  get sent(): ReadonlyMap<number, LedgerRequest> {
    return this.requests;
  }
}
