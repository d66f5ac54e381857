import type { Series } from '../../catalog/series/series.js';
import type { DatabaseClock } from '../../database/database-clock.js';
import { StoreUnavailableError } from '../../database/store-unavailable.error.js';
import { AlreadyStoredError } from './already-stored.error.js';
import { receiptIdOf, type RequestReceipt } from '../receipts/request-receipt.js';

/** Samples of one request, checked and resolved, as parallel arrays. */
export interface AcceptedSamples {
  readonly series: readonly Series[];
  readonly values: Float64Array;
  /** Milliseconds since the epoch, NaN where the sample has the time of arrival; null when all have. */
  readonly timestamps: Float64Array | null;
}

/** A request that waits for its commit. */
export interface WaitingRequest {
  readonly samples: AcceptedSamples;
  /** Committed with the samples; undefined without an Idempotency-Key. */
  readonly receipt: RequestReceipt | undefined;
  /** Milliseconds since the epoch, by this process' clock. */
  readonly arrivedAt: number;
  /** When it began to wait, by `performance.now()`: the clock of the machine may be set meanwhile. */
  readonly waitingSince: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  /** Answered 503 already; its samples must not be stored by a later try. */
  isAnswered: boolean;
}

/** Columns of the row that a group becomes. */
export interface GroupRow {
  /** The series of each sample; they show the samples after the commit. */
  readonly series: readonly Series[];
  readonly seriesIds: Int32Array;
  readonly timestamps: Float64Array | null;
  readonly values: Float64Array;
  /** In one order for all processes, so that two of them can't wait for each other. */
  readonly receipts: readonly RequestReceipt[];
}

const NO_RECEIPTS: readonly RequestReceipt[] = [];

/**
 * A request that waited longer than this gets its own arrival as the time of its samples; below it, the time of the
 * commit is near enough, and a row without times is 12 bytes a sample smaller on the wire.
 */
const ARRIVAL_TOLERANCE_MS = 50;

/** The requests that share one commit. */
export class CommitGroup {
  private row: GroupRow | undefined;

  constructor(
    private requests: readonly WaitingRequest[],
    /** Samples when the group was made; what it takes from the queue's bound. */
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

  /** How long the request has waited that has waited longest, in milliseconds; 0 if all have their answers. */
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
   * @param isOutcomeOpen whether they may have been stored
   * @returns how many there were
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
        ),
      );
    }
    return count;
  }

  /**
   * Answers 503 to requests that have waited since before a time of `performance.now()`, and leaves them and those that were answered out of the row. Only
   * allowed while no try of this row can have been carried out.
   */
  dropOverdue(since: number): void {
    this.answerUnavailable(since);
    this.dropAnswered();
  }

  /**
   * Tells requests whose key turned out to be stored so, and leaves them out of the row. Allowed when
   * {@link dropOverdue} is.
   *
   * @returns how many there were
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

  /** The row, the same at every call until {@link dropOverdue} changes what is in it. */
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
