import { Inject, Injectable } from '@nestjs/common';
import type { Series } from '../../catalog/series/series.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { BadDataError } from '../../http/answers/errors.js';
import type { SeriesSamples } from '../../sample-store/reading/columns/series-samples.js';
import { TooManySamplesError } from '../../sample-store/reading/read-samples.js';
import { SampleReader } from '../../sample-store/reading/sample-reader.js';
import { ReadLimiter } from './read-limiter.js';

/** A part of a scan. Windows follow each other in time; windows of the same millisecond are in the order of series. */
export interface ScanWindow {
  /** The start in ms since the epoch, inclusive. */
  readonly from: number;
  /** The end in ms since the epoch, exclusive. */
  readonly to: number;
  /** The series with samples in the window. If the scan needs `before`, the windows at its start contain all other series too. */
  readonly samples: readonly SeriesSamples[];
}

export interface ScanQuery {
  /** The series to read, in the order of their ids. */
  readonly series: readonly Series[];
  readonly from: number;
  readonly to: number;
  /** True if `before` of the first window's samples is needed, which means that older samples have to be read. */
  readonly needsBefore?: boolean;
  /** The only times at which the totals of counters matter; see SampleQuery. */
  readonly edges?: Float64Array | undefined;
  /** Maximum number of samples that are read at a time. It bounds the memory of a scan. */
  readonly samplesPerRead: number;
  /** Ends the scan when the client no longer waits for the answer. */
  readonly signal?: AbortSignal;
  /** True if HISTORY_MAX_SAMPLES limits the whole scan. */
  readonly isLimited: boolean;
}

/**
 * The fraction of `samplesPerRead` that the next window is planned to hold. It is less than 1, because samples can become denser,
 * and reading a window with too many samples is wasted work.
 */
const TARGET_FILL = 0.7;

/**
 * Maximum factor by which the next window is longer or shorter than the last one. After a window with too many samples, the next
 * attempt aims for the number of samples that were read, divided by this factor.
 */
const RESIZE = 4;

/**
 * When a window holds too many samples, the samples that were read show where they are dense. The sample at this fraction of them
 * marks the end of the dense part, and no window that begins in the dense part extends past its end.
 */
const DENSE_SHARE = 2 / RESIZE;

/**
 * Number of failed attempts after which the samples that were read are no longer trusted to show where the others are.
 */
const TRUSTED_TRIES = 2;

/**
 * Reads any range of samples in time order with little memory, by splitting the range into windows that hold about
 * `samplesPerRead` each. Their width is found by trial, because the number of samples is not known in advance.
 *
 * Every window is one consistent read, and every sample is in exactly one window. A sample that is pushed during the scan with a
 * time before the current window is not found, as if the scan had ended before its push.
 */
@Injectable()
export class SampleScan {
  constructor(
    private readonly reader: SampleReader,
    private readonly limiter: ReadLimiter,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /** @throws BadDataError if the scan finds more samples than the limit */
  async *windows(query: ScanQuery): AsyncGenerator<ScanWindow> {
    const { series, to, edges, isLimited, signal } = query;
    const { maxSamples } = this.options.history;
    if (series.length === 0) return;
    let from = query.from;
    let width = to - from;
    let needsBefore = query.needsBefore ?? false;
    let total = 0;
    let failures = 0;
    /** The time until which samples are known to be dense. The last window that held too many samples determines this time. */
    let denseUntil = -Infinity;
    while (from < to) {
      const allowed = isLimited ? Math.min(query.samplesPerRead, maxSamples - total) : query.samplesPerRead;
      const end = Math.min(from + width, from < denseUntil ? denseUntil : to, to);
      const samples = await this.tryRead({ series, from, to: end, needsBefore, edges, maxSamples: allowed, signal });
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

  /**
   * Reads a range in windows backwards, from its end to its beginning, for requests that need the newest samples first. Windows
   * of the same millisecond are in the descending order of series. The samples before the range are never read, so `before` is
   * not available.
   */
  async *windowsBackwards(
    query: Pick<ScanQuery, 'series' | 'from' | 'to' | 'samplesPerRead' | 'signal'>,
  ): AsyncGenerator<ScanWindow> {
    const { series, from, samplesPerRead, signal } = query;
    if (series.length === 0) return;
    let { to } = query;
    let width = to - from;
    let failures = 0;
    while (to > from) {
      const start = Math.max(from, to - width);
      const samples = await this.tryRead({ series, from: start, to, maxSamples: samplesPerRead, signal });
      if (samples instanceof TooManySamplesError) {
        if (to - start > 1) {
          failures++;
          const divided = Math.ceil((to - start) / RESIZE);
          const sinceShare = Math.max(1, to - (quantileOf(samples.times, 1 - 1 / RESIZE) ?? to - divided));
          width = failures <= TRUSTED_TRIES ? sinceShare : Math.min(sinceShare, divided);
          continue;
        }
        yield* this.instant(series, start, false, signal, true);
      } else {
        const window = { from: start, to, samples };
        const growth = (samplesPerRead * TARGET_FILL) / Math.max(countOf(window), 1);
        width = Math.ceil(Math.max(to - start, 1) * Math.min(Math.max(growth, 1 / RESIZE), RESIZE));
        yield window;
      }
      failures = 0;
      to = start;
    }
  }

  /** Reads one millisecond that holds too many samples. The series are read in halves, which keeps the order. */
  private async *instant(
    series: readonly Series[],
    at: number,
    needsBefore: boolean,
    signal: AbortSignal | undefined,
    isBackwards = false,
  ): AsyncGenerator<ScanWindow> {
    const { maxSamples } = this.options.history;
    const middle = Math.ceil(series.length / 2);
    const parts = [series.slice(0, middle), series.slice(middle)];
    for (const part of isBackwards ? parts.toReversed() : parts) {
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
      else yield* this.instant(part, at, needsBefore, signal, isBackwards);
    }
  }

  private async tryRead(query: Parameters<SampleReader['read']>[0]): Promise<SeriesSamples[] | TooManySamplesError> {
    try {
      return await this.limiter.read(() => {
        // The client may have disconnected while the read waited for its turn.
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
 * Returns the width of the next attempt. The samples that were read from a window with too many show where the samples are
 * dense. If all are in the last minutes of 90 days, one attempt finds that out, while dividing the width by four would take
 * eight attempts.
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

/** Maximum number of samples of one millisecond that are read at a time, unless a single series has more. */
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
