import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import type { ApiToken } from '../../../api-tokens/api-token.js';
import { ApiTokensService } from '../../../api-tokens/api-tokens.service.js';
import { Catalog } from '../../../catalog/catalog.js';
import type { Metric } from '../../../catalog/series/series.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../../custom-metrics.options.js';
import { DatabaseClock } from '../../../database/database-clock.js';
import { SharedSlots } from '../../../http/connections/shared-slots.js';
import { type CommittedSamples, LiveValues, type LiveValuesWatcher } from '../../../live-values/live-values.js';
import { LiveStreamsError, LiveStreamsShareError } from './live-errors.js';
import { LiveStream } from './live-stream.js';
import { type LiveSelection, ReceivedSamples } from './received-samples.js';

/** Minimum time between two events, so that a client gets at most five per second. */
const EVENT_INTERVAL_MS = 200;

/**
 * The pause between two checks of the tokens. This process learns of a revocation within half a second, so the streams of a
 * revoked token end within a second.
 */
const CHECK_INTERVAL_MS = 500;

/** A token can have up to this many streams for each free one, so a single token can have three quarters of all streams. */
const MULTIPLE_OF_FREE = 3;

/**
 * Tells clients which metrics have received samples in any process. The samples of all processes become live values of this
 * process, so it is enough to watch these. While no client is connected, nothing is watched.
 */
@Injectable()
export class LiveFeed implements LiveValuesWatcher, BeforeApplicationShutdown {
  private readonly streams = new Map<LiveStream, ApiToken>();
  private readonly slots: SharedSlots;
  /** The time of the newest sample of each metric that has received samples since the last event. */
  private newestAt = new Map<Metric, number>();
  private hasReplacedAll = false;
  private eventAt = -Infinity;
  private eventTimer: NodeJS.Timeout | undefined;
  private checkTimer: NodeJS.Timeout | undefined;
  private isStopping = false;

  constructor(
    private readonly liveValues: LiveValues,
    private readonly catalog: Catalog,
    private readonly tokens: ApiTokensService,
    private readonly clock: DatabaseClock,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {
    this.slots = new SharedSlots(options.history.liveStreams, MULTIPLE_OF_FREE);
  }

  /**
   * Opens a stream. It ends when the client disconnects, when its token may no longer be used, when it reaches its maximum age,
   * or when the service stops.
   *
   * @throws LiveStreamsError or LiveStreamsShareError if there are too many streams
   */
  open(response: ServerResponse, token: ApiToken, selection: LiveSelection): void {
    // The client may have left while its token was looked up. In that case, no event would end the stream.
    if (response.destroyed) return;
    const { liveStreams } = this.options.history;
    if (this.isStopping) throw new LiveStreamsError(liveStreams);
    if (!this.slots.take(token.id)) {
      throw this.slots.free === 0 ? new LiveStreamsError(liveStreams) : new LiveStreamsShareError();
    }
    const stream = new LiveStream(response, selection);
    this.add(stream, token);
    response.once('close', () => this.remove(stream, token));
    // A failed write closes the connection, which is not an error of the service.
    response.on('error', () => undefined);
    stream.begin(new Date(this.clock.now()));
  }

  applied({ series, timestamps, receivedAt }: CommittedSamples): void {
    const { newestAt } = this;
    let previous: Metric | undefined;
    for (let index = 0; index < series.length; index++) {
      const { metric } = series[index]!;
      if (timestamps === null && metric === previous) continue;
      previous = metric;
      const at = timestamps === null ? receivedAt : timestamps[index]!;
      const known = newestAt.get(metric);
      if (known === undefined || at > known) newestAt.set(metric, at);
    }
    this.planEvent();
  }

  replaced(): void {
    this.hasReplacedAll = true;
    this.planEvent();
  }

  /** Ends all streams, because a server that waited for them could not stop before they reach their maximum age. */
  beforeApplicationShutdown(): void {
    this.isStopping = true;
    for (const stream of this.streams.keys()) stream.end();
  }

  private add(stream: LiveStream, token: ApiToken): void {
    if (this.streams.size === 0) {
      this.liveValues.watchBy(this);
      this.checkTimer = setInterval(() => this.check(), CHECK_INTERVAL_MS).unref();
    }
    this.streams.set(stream, token);
  }

  private remove(stream: LiveStream, token: ApiToken): void {
    this.slots.giveBack(token.id);
    this.streams.delete(stream);
    if (this.streams.size > 0) return;
    this.liveValues.watchBy(undefined);
    clearInterval(this.checkTimer);
    clearTimeout(this.eventTimer);
    this.eventTimer = undefined;
    this.newestAt = new Map();
    this.hasReplacedAll = false;
  }

  private check(): void {
    for (const [stream, token] of this.streams) {
      if (this.tokens.isUsable(token) && !stream.isTooOld) stream.keepAlive();
      else stream.end();
    }
  }

  private planEvent(): void {
    this.eventTimer ??= setTimeout(
      () => this.sendEvent(),
      Math.max(0, this.eventAt + EVENT_INTERVAL_MS - performance.now()),
    ).unref();
  }

  private sendEvent(): void {
    this.eventTimer = undefined;
    this.eventAt = performance.now();
    const received = new ReceivedSamples(
      this.newestAt,
      this.hasReplacedAll,
      this.catalog,
      this.options.history.liveMetrics,
    );
    this.newestAt = new Map();
    this.hasReplacedAll = false;
    for (const stream of this.streams.keys()) stream.tell(received);
  }
}
