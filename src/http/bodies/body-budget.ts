import { HttpStatus, Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { RetryLaterError } from '../answers/errors.js';

/**
 * The minimum of the budget, as a multiple of the maximum body size. A compressed body counts twice, before and after inflation,
 * so two bodies of the maximum size fit.
 */
const LARGEST_BODIES = 4;

const RETRY_SECONDS = 1;

/** The error for a body that does not fit into the budget of all request bodies, or into the half that one token may use. */
export class BodyBudgetError extends RetryLaterError {
  constructor(message: string) {
    super({ name: 'BodyBudgetError', message }, HttpStatus.SERVICE_UNAVAILABLE, RETRY_SECONDS);
  }
}

/** Counts the bytes of one body against the budget. */
export interface BodyShare {
  /**
   * Counts bytes that have arrived.
   *
   * @throws BodyBudgetError if fewer than `bytes` are left in the whole budget, or in the half of it that one token may use
   */
  take(bytes: number): void;
  /** Returns all bytes to the budget. Bytes that are taken afterwards are not counted. */
  release(): void;
}

interface BodyOptions {
  readonly http: Pick<CustomMetricsOptions['http'], 'bodiesMaxBytes'>;
  readonly ingest: Pick<CustomMetricsOptions['ingest'], 'maxBodyBytes'>;
}

/**
 * Counts the bytes of all request bodies that are in the memory of this process.
 *
 * Bytes are counted when they arrive and not when they are announced. Without a budget, two hundred clients that each send all
 * but the last byte of a body would occupy a gigabyte. If announced bytes were counted, a few clients that send nothing would
 * block all others. The clients of one token can use at most half of the budget, so that one token can't use it up.
 */
@Injectable()
export class BodyBudget {
  private readonly budget: number;
  private taken = 0;
  private readonly takenByToken = new Map<number, number>();

  constructor(
    @Inject(CUSTOM_METRICS_OPTIONS)
    { http, ingest }: BodyOptions,
  ) {
    this.budget = Math.max(http.bodiesMaxBytes, LARGEST_BODIES * ingest.maxBodyBytes);
  }

  /** The number of bytes that bodies currently occupy. */
  get bytes(): number {
    return this.taken;
  }

  /**
   * Starts to count the bytes of one body.
   *
   * @param tokenId the id of the request's token, or 0 if there is none
   */
  open(tokenId: number): BodyShare {
    let own = 0;
    let isReleased = false;
    return {
      take: (bytes) => {
        const ofToken = (this.takenByToken.get(tokenId) ?? 0) + bytes;
        if (this.taken + bytes > this.budget) {
          throw new BodyBudgetError(
            `Request bodies hold ${this.budget} bytes, which is the limit (HTTP_BODIES_MAX_BYTES). Send again later.`,
          );
        }
        if (ofToken > this.budget / 2) {
          throw new BodyBudgetError(
            `Request bodies of this token hold ${this.budget / 2} bytes, half of the limit (HTTP_BODIES_MAX_BYTES). Send ` +
              'again later, or fewer requests at once.',
          );
        }
        if (isReleased) return;
        own += bytes;
        this.taken += bytes;
        this.takenByToken.set(tokenId, ofToken);
      },
      release: () => {
        if (isReleased) return;
        isReleased = true;
        this.taken -= own;
        const ofToken = (this.takenByToken.get(tokenId) ?? 0) - own;
        if (ofToken > 0) this.takenByToken.set(tokenId, ofToken);
        else this.takenByToken.delete(tokenId);
      },
    };
  }
}
