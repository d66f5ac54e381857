import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { abbreviate } from '../../outside-text/abbreviate.js';
import { Turns } from '../../scheduling/turns.js';
import { ForwardingMetrics } from '../forwarding.metrics.js';
import { requestsOf, type WriteRequest } from '../message/write-requests.js';
import type { ForwardedSamples } from '../samples/forwarded-samples.js';
import type { Outcome, RefusalReason } from './outcome.js';
import { RemoteTarget } from './remote-target.js';
import { TargetFailure } from './target-failure.js';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Maximum number of requests into which a refused one is split. Prometheus stores nothing of a request with a sample that it
 * refuses, so a request is split until that sample is alone. This limit is enough for about twenty such samples in a request. If
 * there are more, the rest of the request is left out.
 */
const MAX_SPLIT_REQUESTS = 250;

/** The conditions under which samples are delivered. */
export interface DeliveryLimits {
  /** Ends the delivery. The samples are delivered again later. */
  readonly signal: AbortSignal;
  /** This is called before a request is sent again. An error ends the delivery. */
  readonly beforeRetry: () => Promise<void>;
  /** This is called with the number of samples that the target has just accepted or refused. */
  readonly onSettled: (samples: number) => void;
}

/** The error for samples that have waited too long, so that they are not delivered. */
export class OverdueError extends Error {
  override readonly name = 'OverdueError';

  constructor() {
    super('the samples have waited too long for the target');
  }
}

/**
 * Delivers samples to the target. Each shard sends one request after another, and each request is repeated until the target has
 * accepted or refused it, so the samples of a series arrive in order.
 */
@Injectable()
export class Delivery {
  private readonly logger = new Logger(Delivery.name);
  private readonly shards: number;
  private readonly maxSamples: number;
  /** The reasons that were logged. There are only a few, so the log can't be flooded. */
  private readonly logged = new Set<RefusalReason>();

  constructor(
    private readonly target: RemoteTarget,
    private readonly failure: TargetFailure,
    private readonly metrics: ForwardingMetrics,
    @Inject(CUSTOM_METRICS_OPTIONS) { forwarding }: CustomMetricsOptions,
  ) {
    this.shards = forwarding.shards;
    this.maxSamples = forwarding.maxSamplesPerSend;
  }

  /**
   * Delivers all samples.
   *
   * @throws what `beforeRetry` throws, such as OverdueError; the reason of the signal if it is aborted
   */
  async deliver(samples: ForwardedSamples, limits: DeliveryLimits): Promise<void> {
    const failed = new AbortController();
    const signal = AbortSignal.any([limits.signal, failed.signal]);
    const shards = Array.from({ length: this.shards }, async (_, shard) => {
      try {
        for (const request of requestsOf(samples, shard, this.shards, this.maxSamples)) {
          await this.settle(request, { ...limits, signal }, { left: MAX_SPLIT_REQUESTS });
        }
      } catch (error) {
        failed.abort(error);
        throw error;
      }
    });
    const outcomes = await Promise.allSettled(shards);
    limits.signal.throwIfAborted();
    const rejected = outcomes.find(({ status }) => status === 'rejected');
    if (rejected?.status === 'rejected') throw failed.signal.reason ?? rejected.reason;
  }

  /** Sets the installations that all requests name from now on. */
  nameInstallations(ids: readonly string[]): void {
    this.target.nameInstallations(ids);
  }

  /**
   * Sends a message once, without retries. A refusal counts as success, because it would not help to send the message again.
   *
   * @returns false if the target is unavailable
   */
  async tell(message: Uint8Array, signal: AbortSignal): Promise<boolean> {
    const outcome = await this.target.send(message, signal);
    return outcome.kind !== 'unavailable';
  }

  /** Sends a request until the target has accepted or refused it. A refused request is split, and its parts are sent. */
  private async settle(request: WriteRequest, limits: DeliveryLimits, budget: { left: number }): Promise<void> {
    const outcome = await this.untilAnswered(request, limits);
    if (outcome.kind === 'accepted') {
      this.metrics.countForwarded(request.sampleCount);
      limits.onSettled(request.sampleCount);
      return;
    }
    const parts = request.split();
    budget.left -= parts.length;
    if (parts.length === 0 || budget.left < 0) {
      this.noteRefused(outcome, request.sampleCount);
      limits.onSettled(request.sampleCount);
      return;
    }
    for (const part of parts) await this.settle(part, limits, budget);
  }

  private async untilAnswered(
    request: WriteRequest,
    { signal, beforeRetry }: DeliveryLimits,
  ): Promise<Exclude<Outcome, { kind: 'unavailable' }>> {
    const turns = new Turns();
    for (let attempt = 1; ; attempt++) {
      await turns.next();
      signal.throwIfAborted();
      const startedAt = performance.now();
      const outcome = await this.target.send(request.encode(), signal);
      signal.throwIfAborted();
      this.metrics.observeRequest((performance.now() - startedAt) / 1000);
      if (outcome.kind !== 'unavailable') {
        this.failure.ended();
        return outcome;
      }
      this.failure.occurred(outcome.message);
      this.metrics.countRetry();
      await sleep(pauseOf(attempt, outcome.retryAfterMs), undefined, { signal, ref: false }).catch(() => undefined);
      signal.throwIfAborted();
      await beforeRetry();
    }
  }

  private noteRefused({ reason, message }: Extract<Outcome, { kind: 'refused' }>, samples: number): void {
    this.metrics.countRefused(reason, samples);
    if (this.logged.has(reason)) return;
    this.logged.add(reason);
    this.logger.warn(
      `The target of remote write refuses samples (${reason}). They are counted and not sent again. Its answer: ${abbreviate(message)}`,
    );
  }
}

/** Returns the pause before the next attempt. It is random, so that several shards do not continue at the same moment. */
function pauseOf(attempt: number, retryAfterMs: number | undefined): number {
  const backoff = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(attempt - 1, 20), LONGEST_PAUSE_MS);
  const jittered = backoff * (0.75 + Math.random() / 4);
  return Math.max(jittered, retryAfterMs ?? 0);
}
