import type { Series } from '../../catalog/series/series.js';
import type { DatabaseClock } from '../../database/database-clock.js';
import { StoreUnavailableError } from '../../database/store-unavailable.error.js';
import { AlreadyStoredError } from './already-stored.error.js';
import { receiptIdOf, type RequestReceipt } from '../receipts/request-receipt.js';

/** The samples of one request as parallel arrays. They have been checked, and their series exist. */
export interface AcceptedSamples {
  readonly series: readonly Series[];
  readonly values: Float64Array;
  /**
   * The times in milliseconds since the epoch; NaN for a sample that has the time of arrival, and null if all samples have it.
   */
  readonly timestamps: Float64Array | null;
}

/** A request that waits for its commit. */
export interface WaitingRequest {
  readonly samples: AcceptedSamples;
  /** The receipt that is committed with the samples; undefined if there is no Idempotency-Key. */
  readonly receipt: RequestReceipt | undefined;
  /** The time of arrival by `performance.now()`, because the system clock may be set in the meantime. */
  readonly arrivedAt: number;
  /** The time at which the request began to wait, by `performance.now()`. */
  readonly waitingSince: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  /** True once the request has its answer. A later attempt must not store its samples. */
  isAnswered: boolean;
}

/** The columns of the log row that holds a group. */
export interface GroupRow {
  /** The series of each sample. After the commit, the samples are applied to their live values. */
  readonly series: readonly Series[];
  readonly seriesIds: Int32Array;
  readonly timestamps: Float64Array | null;
  readonly values: Float64Array;
  /**
   * The receipts of the group's requests, in an order that all processes share, so that the locks of two processes can't
   * deadlock.
   */
  readonly receipts: readonly RequestReceipt[];
}

const NO_RECEIPTS: readonly RequestReceipt[] = [];

/**
 * If no request of a row has waited longer than this, samples without a time of their own get the time of the commit. Otherwise
 * they get the time at which their request arrived. A row without times is smaller by 12 bytes per sample on the wire.
 */
const ARRIVAL_TOLERANCE_MS = 50;

/** Holds the requests that share one commit. */
export class CommitGroup {
  private row: GroupRow | undefined;

  constructor(
    private requests: readonly WaitingRequest[],
    /** The number of samples when the group was created. They count against the limit of the queue until the group ends. */
    readonly size: number,
  ) {}

  get isEmpty(): boolean {
    return this.requests.length === 0;
  }

  /** True if every request has its answer. */
  get isAnswered(): boolean {
    return this.requests.every(({ isAnswered }) => isAnswered);
  }

  /** Returns whether any request began to wait before `since`, a time by `performance.now()`. */
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
   * Answers unanswered requests with 503 if they began to wait before `since`, a time by `performance.now()`.
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
            : 'Postgres did not accept the samples in time (STORE_WAIT_MS). Send the request again after Retry-After.',
          undefined,
          isOutcomeOpen,
        ),
      );
    }
    return count;
  }

  /**
   * Answers unanswered requests with 503 if they began to wait before `since`, a time by `performance.now()`, and removes all
   * answered requests from the row. This is allowed only while no attempt to write this row can have been committed.
   */
  dropOverdue(since: number): void {
    this.answerUnavailable(since);
    this.dropAnswered();
  }

  /**
   * Rejects requests with {@link AlreadyStoredError} if their key is already stored, and removes them from the row. This is
   * allowed under the same condition as {@link dropOverdue}.
   *
   * @returns the number of rejected requests
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
    const now = performance.now();
    const databaseNow = clock.now();
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
        const arrival = databaseNow - Math.round(now - arrivedAt);
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
