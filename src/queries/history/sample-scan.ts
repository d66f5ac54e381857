import { Inject, Injectable } from '@nestjs/common';
import type { Series } from '../../catalog/series/series.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { BadDataError } from '../../http/answers/errors.js';
import type { SeriesSamples } from '../../sample-store/log/sample-column.js';
import { SampleReader, TooManySamplesError } from '../../sample-store/reading/sample-reader.js';
import { ReadLimiter } from './read-limiter.js';

/** One piece of a scan. Pieces follow each other in time, those of one millisecond in the order of series. */
export interface ScanWindow {
  /** Inclusive, ms since the epoch. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** Of series with samples in the window; of all series in the first window of a scan that needs what was before it. */
  readonly samples: readonly SeriesSamples[];
}

export interface ScanQuery {
  /** In the order of their ids. */
  readonly series: readonly Series[];
  readonly from: number;
  readonly to: number;
  /** Whether `before` of the first window's samples is needed; it costs reading older samples. */
  readonly needsBefore?: boolean;
  /** Samples read at a time: what bounds the memory of a scan. */
  readonly samplesPerRead: number;
  /** Ends the scan when nobody waits for its answer any more. */
  readonly signal?: AbortSignal;
  /** Whether the limit of HISTORY_MAX_SAMPLES holds for the whole scan. */
  readonly isLimited: boolean;
}

/** How full the next window shall be, if samples come as densely as before: a try that fails has read for nothing. */
const TARGET_FILL = 0.7;

/** How much wider the next window is at most, and what share of the samples of a window that held too many the next try aims for. */
const RESIZE = 4;

/** The second window after one that held too many ends where this share of what was read of it lay. */
const DENSE_SHARE = 2 / RESIZE;

/** After so many tries, what was read does not tell where the rest is. */
const TRUSTED_TRIES = 2;

/**
 * Reads any range of samples in time order with little memory, by cutting the range into windows that hold about
 * `samplesPerRead` each. Their width is found by trying: nothing tells in advance how many samples there are.
 *
 * Every window is one consistent read and every sample is in one window only. A sample with a time before the window
 * under way, pushed meanwhile, is not seen, as if the scan had been done before its push.
 */
@Injectable()
export class SampleScan {
  constructor(
    private readonly reader: SampleReader,
    private readonly limiter: ReadLimiter,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /** @throws BadDataError when the scan meets more samples than the limit */
  async *windows(query: ScanQuery): AsyncGenerator<ScanWindow> {
    const { series, to, isLimited, signal } = query;
    const { maxSamples } = this.options.history;
    if (series.length === 0) return;
    let from = query.from;
    let width = to - from;
    let needsBefore = query.needsBefore ?? false;
    let total = 0;
    let failures = 0;
    /** Where samples are known to be dense, from the last window that held too many. */
    let denseUntil = -Infinity;
    while (from < to) {
      const allowed = isLimited ? Math.min(query.samplesPerRead, maxSamples - total) : query.samplesPerRead;
      const end = Math.min(from + width, from < denseUntil ? denseUntil : to, to);
      const samples = await this.tryRead({ series, from, to: end, needsBefore, maxSamples: allowed, signal });
      if (samples instanceof TooManySamplesError) {
        if (isLimited && samples.maxSamples >= maxSamples - total) throw tooMany(maxSamples);
        if (end - from > 1) {
          failures++;
          width = narrowerWidth({ from, end, times: samples.times, failures });
          denseUntil = quantileOf(samples.times, DENSE_SHARE) ?? -Infinity;
          continue;
        }
        for await (const window of this.instant(series, from, needsBefore, signal)) {
          total += countOf(window);
          if (isLimited && total > maxSamples) throw tooMany(maxSamples);
          yield window;
        }
      } else {
        const window = { from, to: end, samples };
        const count = countOf(window);
        total += count;
        const growth = (query.samplesPerRead * TARGET_FILL) / Math.max(count, 1);
        width = Math.ceil(Math.max(end - from, 1) * Math.min(Math.max(growth, 1 / RESIZE), RESIZE));
        yield window;
      }
      failures = 0;
      needsBefore = false;
      from = end;
    }
  }

  /** One millisecond that holds too many samples: its series in halves, which keeps the order. */
  private async *instant(
    series: readonly Series[],
    at: number,
    needsBefore: boolean,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<ScanWindow> {
    const { maxSamples } = this.options.history;
    const middle = Math.ceil(series.length / 2);
    for (const part of [series.slice(0, middle), series.slice(middle)]) {
      if (part.length === 0) continue;
      const samplesPerRead = Math.min(maxSamples, part.length === 1 ? Infinity : INSTANT_SAMPLES);
      const samples = await this.tryRead({
        series: part,
        from: at,
        to: at + 1,
        needsBefore,
        maxSamples: samplesPerRead,
        signal,
      });
      if (!(samples instanceof TooManySamplesError)) yield { from: at, to: at + 1, samples };
      else if (part.length === 1) throw tooMany(maxSamples);
      else yield* this.instant(part, at, needsBefore, signal);
    }
  }

  private async tryRead(query: Parameters<SampleReader['read']>[0]): Promise<SeriesSamples[] | TooManySamplesError> {
    try {
      return await this.limiter.read(() => {
        // It may have waited for its turn for longer than the client did.
        query.signal?.throwIfAborted();
        return this.reader.read({ ...query, onlyWithSamples: query.needsBefore !== true });
      });
    } catch (error) {
      if (error instanceof TooManySamplesError) return error;
      throw error;
    }
  }
}

/**
 * The width of the next try. What was read of a window that held too many samples tells where they are: if all are in the last minutes
 * of 90 days, one try finds that out, where dividing the width by four would take eight.
 */
function narrowerWidth({
  from,
  end,
  times,
  failures,
}: {
  readonly from: number;
  readonly end: number;
  readonly times: Float64Array;
  readonly failures: number;
}): number {
  const divided = Math.ceil((end - from) / RESIZE);
  const untilShare = Math.max(1, (quantileOf(times, 1 / RESIZE) ?? from + divided) - from);
  return failures <= TRUSTED_TRIES ? untilShare : Math.min(untilShare, divided);
}

function quantileOf(ascending: Float64Array, share: number): number | undefined {
  return ascending[Math.floor(ascending.length * share)];
}

/** Samples of one millisecond that are read at a time. */
const INSTANT_SAMPLES = 100_000;

function countOf({ samples }: ScanWindow): number {
  return samples.reduce((count, { values }) => count + values.length, 0);
}

function tooMany(maxSamples: number): BadDataError {
  return new BadDataError([
    {
      path: '/query/from',
      message:
        `More than ${maxSamples} samples match, the limit (HISTORY_MAX_SAMPLES). Ask for a shorter range or, with label=name=value, ` +
        'for fewer series; export CSV, which has no limit; or raise the limit.',
    },
  ]);
}
