import { Inject, Injectable } from '@nestjs/common';
import type { Series } from '../../catalog/series/series.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { BadDataError } from '../../http/answers/errors.js';
import type { SeriesSamples } from '../../sample-store/log/sample-column.js';
import { SampleReader, TooManySamplesError } from '../../sample-store/reading/sample-reader.js';
import { ReadLimiter } from './read-limiter.js';

/** One piece of a scan. Pieces follow each other in time; pieces of the same millisecond are in the order of series. */
export interface ScanWindow {
  /** Inclusive, ms since the epoch. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** The series with samples in the window; in the first window of a scan that needs `before`, all series. */
  readonly samples: readonly SeriesSamples[];
}

export interface ScanQuery {
  /** The series to read, in the order of their ids. */
  readonly series: readonly Series[];
  readonly from: number;
  readonly to: number;
  /** Whether `before` of the first window's samples is needed; this costs reading older samples. */
  readonly needsBefore?: boolean;
  /** Number of samples read at a time, which bounds the memory of a scan. */
  readonly samplesPerRead: number;
  /** Ends the scan when the client no longer waits for the answer. */
  readonly signal?: AbortSignal;
  /** Whether HISTORY_MAX_SAMPLES limits the whole scan. */
  readonly isLimited: boolean;
}

/**
 * Target for how full the next window is if samples stay as dense as before: a window that turns out too full has been read in
 * vain.
 */
const TARGET_FILL = 0.7;

/**
 * Maximum factor by which the next window grows. After a window with too many samples, the next try aims for one part in this
 * many of them.
 */
const RESIZE = 4;

/** The second window after one that held too many ends where this share of the samples that were read lay. */
const DENSE_SHARE = 2 / RESIZE;

/** After this many tries, the samples that were read do not show where the rest is. */
const TRUSTED_TRIES = 2;

/**
 * Reads any range of samples in time order with little memory, by splitting the range into windows that hold about
 * `samplesPerRead` each. Their width is found by trial, because the number of samples is not known in advance.
 *
 * Every window is one consistent read, and every sample is in exactly one window. A sample that is pushed during the scan with a
 * time before the current window is not seen, as if the scan had ended before its push.
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
    /** The end of the time in which samples are known to be dense, from the last window that held too many. */
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

  /** Reads one millisecond that holds too many samples: its series are split in halves, which keeps the order. */
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
        // The read may have waited for its turn longer than the client did.
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
 * Returns the width of the next try. The samples that were read of a window with too many show where they are: if all are in the
 * last minutes of 90 days, one try finds that out, where dividing the width by four would take eight.
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

/** Number of samples of one millisecond that are read at a time. */
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
