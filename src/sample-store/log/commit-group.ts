import type { Series } from '../../catalog/series/series.js';
import type { DatabaseClock } from '../../database/database-clock.js';
import { StoreUnavailableError } from '../../database/store-unavailable.error.js';
import { AlreadyStoredError } from './already-stored.error.js';
import { receiptIdOf, type RequestReceipt } from '../receipts/request-receipt.js';

/** Samples of one request as parallel arrays, checked, with their series. */
export interface AcceptedSamples {
  readonly series: readonly Series[];
  readonly values: Float64Array;
  /** Milliseconds since the epoch; NaN for a sample that has the time of arrival, and null if all samples have it. */
  readonly timestamps: Float64Array | null;
}

/** A request that waits for its commit. */
export interface WaitingRequest {
  readonly samples: AcceptedSamples;
  /** Committed with the samples; undefined without an Idempotency-Key. */
  readonly receipt: RequestReceipt | undefined;
  /** Milliseconds since the epoch, by this process' clock. */
  readonly arrivedAt: number;
  /** When it began to wait, by `performance.now()`, because the system clock may be set meanwhile. */
  readonly waitingSince: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  /** True once the request has its answer. Its samples must not be stored by a later try. */
  isAnswered: boolean;
}

/** Columns of the log row that holds a group. */
export interface GroupRow {
  /** The series of each sample. After the commit, the samples are applied to their live values. */
  readonly series: readonly Series[];
  readonly seriesIds: Int32Array;
  readonly timestamps: Float64Array | null;
  readonly values: Float64Array;
  /** The receipts of its requests, in an order that all processes share, so that the locks of two processes can't deadlock. */
  readonly receipts: readonly RequestReceipt[];
}

const NO_RECEIPTS: readonly RequestReceipt[] = [];

/**
 * If a request has waited longer than this, its samples get the time at which it arrived. After a shorter wait the time of the
 * commit is close enough, and a row without times is 12 bytes a sample smaller on the wire.
 */
const ARRIVAL_TOLERANCE_MS = 50;

/** The requests that share one commit. */
export class CommitGroup {
  private row: GroupRow | undefined;

  constructor(
    private requests: readonly WaitingRequest[],
    /** Number of samples when the group was made. They count against the limit of the queue until the group ends. */
    readonly size: number,
  ) {}

  get isEmpty(): boolean {
    return this.requests.length === 0;
  }

  /** Whether every request has its answer. */
  get isAnswered(): boolean {
    return this.requests.every(({ isAnswered }) => isAnswered);
  }

  /** Whether a request has waited since before a time of `performance.now()`. */
  isOverdue(since: number): boolean {
    return this.requests.some(({ waitingSince }) => waitingSince < since);
  }

  get sampleCount(): number {
    return this.requests.reduce((count, { samples }) => count + samples.series.length, 0);
  }

  /** Returns the longest wait of an unanswered request in milliseconds, or 0 if all have their answers. */
  longestWait(): number {
    const now = performance.now();
    return this.requests.reduce(
      (longest, { isAnswered, waitingSince }) => (isAnswered ? longest : Math.max(longest, now - waitingSince)),
      0,
    );
  }

  /**
   * Answers 503 to requests that have waited since before a time of `performance.now()`.
   *
   * @param isOutcomeOpen whether their samples may have been stored
   * @returns the number of requests answered
   */
  answerUnavailable(since: number, isOutcomeOpen = false): number {
    let count = 0;
    for (const request of this.requests) {
      if (request.isAnswered || request.waitingSince >= since) continue;
      count++;
      request.isAnswered = true;
      request.reject(
        new StoreUnavailableError(
          isOutcomeOpen
            ? 'Postgres did not answer in time (STORE_WAIT_MS), so the samples may have been stored. With an Idempotency-Key ' +
                'the request can be sent again after Retry-After without being counted twice.'
            : 'Postgres did not take the samples in time (STORE_WAIT_MS). Send the request again after Retry-After.',
          undefined,
          isOutcomeOpen,
        ),
      );
    }
    return count;
  }

  /**
   * Answers 503 to requests that have waited since before a time of `performance.now()`, and removes all answered requests from
   * the row. This is only allowed while no try of this row can have been committed.
   */
  dropOverdue(since: number): void {
    this.answerUnavailable(since);
    this.dropAnswered();
  }

  /**
   * Rejects with {@link AlreadyStoredError} the requests whose key is stored already, and removes them from the row. This is
   * only allowed when {@link dropOverdue} is.
   *
   * @returns the number of requests rejected
   */
  dropStored(stored: readonly RequestReceipt[]): number {
    const storedById = new Map(stored.map((receipt) => [receiptIdOf(receipt), receipt]));
    let count = 0;
    for (const request of this.requests) {
      const earlier = request.receipt && storedById.get(receiptIdOf(request.receipt));
      if (earlier === undefined) continue;
      count++;
      request.isAnswered = true;
      request.reject(new AlreadyStoredError(earlier));
    }
    this.dropAnswered();
    return count;
  }

  /** Returns the row. It stays the same until {@link dropOverdue} or {@link dropStored} removes a request. */
  toRow(clock: DatabaseClock): GroupRow {
    this.row ??= this.buildRow(clock);
    return this.row;
  }

  resolve(): void {
    for (const request of this.requests) request.resolve();
  }

  reject(error: Error): void {
    for (const request of this.requests) request.reject(error);
  }

  private dropAnswered(): void {
    if (!this.requests.some(({ isAnswered }) => isAnswered)) return;
    this.requests = this.requests.filter(({ isAnswered }) => !isAnswered);
    this.row = undefined;
  }

  private buildRow(clock: DatabaseClock): GroupRow {
    const count = this.sampleCount;
    const all: Series[] = [];
    const seriesIds = new Int32Array(count);
    const values = new Float64Array(count);
    const now = Date.now();
    const clockOffset = clock.now() - now;
    const hasTimes = this.requests.some(
      ({ samples, arrivedAt }) => samples.timestamps !== null || now - arrivedAt > ARRIVAL_TOLERANCE_MS,
    );
    const timestamps = hasTimes ? new Float64Array(count) : null;
    let receipts: RequestReceipt[] | undefined;
    let offset = 0;
    for (const { samples, arrivedAt, receipt } of this.requests) {
      const { series } = samples;
      for (let index = 0; index < series.length; index++) {
        const each = series[index]!;
        all.push(each);
        seriesIds[offset + index] = each.id;
      }
      values.set(samples.values, offset);
      if (timestamps !== null) {
        const arrival = arrivedAt + clockOffset;
        for (let index = 0; index < series.length; index++) {
          const given = samples.timestamps === null ? NaN : samples.timestamps[index]!;
          timestamps[offset + index] = Number.isNaN(given) ? arrival : given;
        }
      }
      if (receipt !== undefined) (receipts ??= []).push(receipt);
      offset += series.length;
    }
    return { series: all, seriesIds, timestamps, values, receipts: receipts?.toSorted(byId) ?? NO_RECEIPTS };
  }
}

function byId(one: RequestReceipt, other: RequestReceipt): number {
  return receiptIdOf(one) < receiptIdOf(other) ? -1 : 1;
}
