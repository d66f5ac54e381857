import { Inject, Injectable, Logger } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { DatabaseClock } from '../../database/database-clock.js';
import { BadDataError } from '../../http/answers/errors.js';
import { sampleTimes } from '../../queries/selection/sample-times.js';
import { SeriesSelection } from '../../queries/selection/series-selection.js';
import { parseTime, TIME_FORMS } from '../../queries/selection/time.js';
import {
  type CorrectedAmount,
  type CorrectionRequest,
  CorrectionTooLargeError,
} from '../../sample-store/corrections/correction.js';
import { CorrectionsRepository } from '../../sample-store/corrections/corrections.repository.js';
import { SampleCorrections } from '../../sample-store/corrections/sample-corrections.js';
import type { CorrectionQueryDto } from './dto/correction-query.dto.js';
import { CorrectionResponse, CorrectionsResponse, StoredCorrectionResponse } from './dto/correction.response.js';

/** Deletes samples in a time range, and lists past deletions. */
@Injectable()
export class CorrectionsService {
  private readonly logger = new Logger(CorrectionsService.name);
  private readonly retentionDays: number;

  constructor(
    private readonly selection: SeriesSelection,
    private readonly corrections: SampleCorrections,
    private readonly repository: CorrectionsRepository,
    private readonly clock: DatabaseClock,
    @Inject(CUSTOM_METRICS_OPTIONS) options: CustomMetricsOptions,
  ) {
    this.retentionDays = options.store.retentionDays;
  }

  /**
   * Deletes the samples of a metric in a time range, or only counts them if the request asks for a dry run. If the request has
   * label filters, only the series that match them are affected. For a histogram, the samples of its counters are deleted.
   *
   * @throws NotFoundException with a hint if the metric does not exist, BadDataError if the request is malformed or the deletion
   *   would affect too many blocks or take too long
   */
  async deleteSamples(metric: string, query: CorrectionQueryDto, tokenId: number): Promise<CorrectionResponse> {
    const range = this.rangeOf(query);
    const series = await this.selection.selectAny(metric, query.label);
    const isDryRun = query.dryRun ?? false;
    const amount = await this.correct({ metric, labels: query.label, series, range, isDryRun, tokenId });
    const response = responseOf(metric, isDryRun, range, amount);
    if (!isDryRun && amount.samples > 0) {
      this.logger.log(
        `Deleted ${amount.samples} samples of ${amount.series} series of the metric ${metric} from ${response.from} to ${response.to}.`,
      );
    }
    return response;
  }

  async list(limit: number): Promise<CorrectionsResponse> {
    const corrections = await this.repository.findNewest(limit);
    return { corrections: corrections.map((each) => StoredCorrectionResponse.of(each)) };
  }

  private async correct(request: CorrectionRequest): Promise<CorrectedAmount> {
    try {
      return await this.corrections.correct(request);
    } catch (error) {
      if (error instanceof CorrectionTooLargeError) {
        throw new BadDataError([{ path: '/query/from', message: error.message }], error.message);
      }
      throw error;
    }
  }

  /** Returns the range of a request, limited to times that samples can have. */
  private rangeOf({ from, to }: CorrectionQueryDto): CorrectionRequest['range'] {
    const now = this.clock.now();
    const latest = sampleTimes(now, this.retentionDays).latest + 1;
    const start = readTime('from', from, now);
    const end = readTime('to', to, now);
    if (start >= end) {
      throw new BadDataError([
        { path: '/query/from', message: 'The `/query/from` property must be before `to`; the range is empty.' },
      ]);
    }
    const limited = (time: number) => Math.min(Math.max(Math.ceil(time), 0), latest);
    return { from: limited(start), to: limited(end) };
  }
}

function readTime(property: 'from' | 'to', text: string, now: number): number {
  const time = parseTime(text, now);
  if (time !== undefined) return time;
  throw new BadDataError([
    { path: `/query/${property}`, message: `The \`/query/${property}\` property must be a time: ${TIME_FORMS}.` },
  ]);
}

function responseOf(
  metric: string,
  dryRun: boolean,
  { from, to }: CorrectionRequest['range'],
  { series, samples, blocks, fallingCounters }: CorrectedAmount,
): CorrectionResponse {
  return {
    metric,
    dryRun,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    seriesCount: series,
    sampleCount: samples,
    blockCount: blocks,
    fallingCounterCount: fallingCounters,
    note: fallingCounters === 0 ? null : noteOf(fallingCounters, dryRun),
  };
}

function noteOf(counters: number, isDryRun: boolean): string {
  const [subject, verb] = counters === 1 ? ['value of 1 counter', 'steps'] : [`values of ${counters} counters`, 'step'];
  return (
    `The ${subject} ${isDryRun ? 'would step' : verb} back once on /metrics. Prometheus takes this for a restart of the counter, so its ` +
    'increase() over that moment counts the remaining value again.'
  );
}
