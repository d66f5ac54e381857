import { type BegunDeletion, DeletionRecord, type PushTimes, type SampleFate } from './deletion-record.js';
import { RenameRecord } from './rename-record.js';
import { type LedgerItem, type LedgerRequest, sampleKey } from './workload.js';

/**
 * Records what the clients know: the requests that were sent, those that were acknowledged, and those of them that a failover may
 * lose.
 *
 * The database may lose only requests that were acknowledged after the last position that its standby is known to have, and
 * before the standby replaced the primary.
 */
export class Journal {
  private readonly requests = new Map<number, LedgerRequest>();
  private readonly times = new Map<number, { sentAt: number; acknowledgedAt: number | undefined }>();
  private readonly deletions: DeletionRecord[] = [];
  private readonly renames: RenameRecord[] = [];
  readonly acknowledged = new Set<number>();
  /** The number of sent requests, including repeated ones. */
  tries = 0;
  replays = 0;
  brokenConnections = 0;
  unavailable = 0;
  lastAcknowledgedAt = 0;
  /** The number of standbys that have been promoted. */
  failovers = 0;
  /** The numbers of acknowledged requests that may be only on the old primary. */
  private readonly atRisk = new Set<number>();
  private isLagging = false;
  private count = 0;

  /** Returns the next number, which is unique among all pushers. */
  readonly nextNumber = (): number => ++this.count;

  /** Records a request before its first byte is sent. */
  noteSent(request: LedgerRequest): void {
    this.requests.set(request.number, request);
    this.times.set(request.number, { sentAt: Date.now(), acknowledgedAt: undefined });
  }

  /**
   * Records a 202.
   *
   * @param failoversBefore the number of failovers before the answered attempt was sent; if an attempt was running during a
   * failover, it is unknown which primary has stored it
   */
  acknowledge({ number }: LedgerRequest, failoversBefore: number): void {
    const isCertain = !this.isLagging && failoversBefore === this.failovers;
    if (isCertain) this.atRisk.delete(number);
    else if (!this.acknowledged.has(number)) this.atRisk.add(number);
    this.acknowledged.add(number);
    this.lastAcknowledgedAt = Date.now();
    const times = this.times.get(number);
    if (times !== undefined) times.acknowledgedAt ??= this.lastAcknowledgedAt;
  }

  /** Records that the standby may lack everything that is acknowledged from now on. */
  beginLag(): void {
    this.isLagging = true;
  }

  /** Records that the standby now accepts writes, and that the old primary is gone. */
  failOver(): void {
    this.isLagging = false;
    this.failovers++;
  }

  /** Returns whether a request was acknowledged, and no failover so far can have lost it. */
  isCertain({ number }: LedgerRequest): boolean {
    return !this.isLagging && this.acknowledged.has(number) && !this.atRisk.has(number);
  }

  /**
   * Removes lost requests from the journal, so that they must not be stored from now on. No request may be running at that time.
   *
   * @returns the number of lost requests
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

  /** Records a deletion of samples before its first byte is sent. */
  beginDeletion(deletion: BegunDeletion): DeletionRecord {
    const record = new DeletionRecord(deletion);
    this.deletions.push(record);
    return record;
  }

  /** Records a rename of a metric before its first byte is sent. */
  beginRename(metric: string, sentAt: number): RenameRecord {
    const record = new RenameRecord(metric, sentAt);
    this.renames.push(record);
    return record;
  }

  /** Returns whether deletions must have deleted a sample of a stored request, or may have. */
  fateOf({ number }: LedgerRequest, item: LedgerItem): SampleFate {
    const times: PushTimes = this.times.get(number)!;
    const fates = new Set(
      this.deletions.map((deletion) =>
        this.renames.reduce(
          (fate, rename) => rename.correct(fate, deletion.begun, times),
          deletion.fateOf(item, times),
        ),
      ),
    );
    if (fates.has('deleted')) return 'deleted';
    return fates.has('unknown') ? 'unknown' : 'kept';
  }

  /** Returns whether a sample of a stored request must have another name now than it was pushed under. */
  hasMoved({ number }: LedgerRequest, { name }: LedgerItem): boolean {
    const times = this.times.get(number)!;
    return this.renames.some((rename) => rename.hasMoved(name, times));
  }

  find(number: number): LedgerRequest | undefined {
    return this.requests.get(number);
  }

  get sent(): ReadonlyMap<number, LedgerRequest> {
    return this.requests;
  }
}
