import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../../custom-metrics.options.js';
import { DatabaseClock } from '../../../database/database-clock.js';
import { BadDataError } from '../../../http/answers/errors.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import { pageSizeOf } from '../dto/page-query.dto.js';
import type { SamplesQueryDto } from '../dto/samples-query.dto.js';
import { rangeFields } from '../dto/range.response.js';
import { SampleResponse } from '../dto/samples.response.js';
import { isAfter, orderedSamples, type Sample, type SamplePosition } from './ordered-samples.js';
import { jsonParts } from '../../../http/answers/json-parts.js';
import { PageSize } from '../page-size.js';
import { ReadLimiter } from '../read-limiter.js';
import { SampleScan } from '../sample-scan.js';
import { SamplesCsv } from './samples-csv.js';
import { SeriesSelection, type SelectedSeries } from '../../selection/series-selection.js';
import { Turns } from '../../../scheduling/turns.js';
import { startStream } from '../../../http/answers/start-stream.js';
import { cutRange, resolveRange, type TimeRange } from '../time-range.js';

/** Number of samples of a CSV that are read at a time: some 6 MB, which a slow client may hold for long. */
const SAMPLES_PER_CSV_READ = 250_000;

/** A page needs few samples; the rest that is read for it is read again for the next page. */
const SAMPLES_PER_PAGE_READ = 50_000;

const POSITION_SHAPE = ['number', 'number', 'number', 'number', 'number'] as const;

/** A file to send. */
export interface CsvExport {
  readonly metricName: string;
  readonly range: TimeRange;
  readonly chunks: AsyncIterable<string>;
}

/** Lists raw samples in time order: a page of JSON, or a whole range as CSV. */
@Injectable()
export class SamplesService {
  constructor(
    private readonly selection: SeriesSelection,
    private readonly scan: SampleScan,
    private readonly limiter: ReadLimiter,
    private readonly clock: DatabaseClock,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /**
   * Finds a page of samples.
   *
   * @param signal ends the work when the client no longer waits for the answer
   * @returns the JSON of a SamplesResponse
   */
  findPage(query: SamplesQueryDto, signal?: AbortSignal): Promise<AsyncIterable<string>> {
    return startStream(this.limiter.whileAdmitted(() => this.samplesPage(query, signal)));
  }

  private async samplesPage(query: SamplesQueryDto, signal: AbortSignal | undefined): Promise<AsyncIterable<string>> {
    const selected = await this.selection.select(query.metric, query.label, signal);
    const request = ['samples', query.metric, query.label, query.from ?? null, query.to ?? null];
    const { range, after } =
      query.cursor === undefined
        ? { range: resolveRange(query, this.rangeRules()), after: undefined }
        : this.resume(request, query.cursor);
    const size = new PageSize(pageSizeOf(query));
    const page: Sample[] = [];
    let hasMore = false;
    const turns = new Turns();
    for await (const samples of this.samplesOf(selected, range, {
      samplesPerRead: SAMPLES_PER_PAGE_READ,
      after,
      signal,
    })) {
      for (const sample of samples) {
        hasMore = !size.takes(sample.series.labelsText.length);
        if (hasMore) break;
        page.push(sample);
        if (turns.isUp) await turns.give();
      }
      if (hasMore) break;
    }
    const last = page.at(-1);
    const nextCursor =
      hasMore && last !== undefined
        ? encodeCursor(request, [range.from, range.to, last.at, last.series.id, last.place])
        : null;
    return jsonParts({
      head: { metric: selected.metric.name, ...rangeFields(range) },
      listName: 'samples',
      items: page,
      itemJson: (sample) => JSON.stringify(SampleResponse.of(sample)),
      tail: { nextCursor },
    });
  }

  /**
   * Opens a CSV of the whole range. It reads the beginning first, so that an error there is reported before a byte has been sent.
   */
  async openCsv(query: SamplesQueryDto, signal?: AbortSignal): Promise<CsvExport> {
    for (const property of ['limit', 'cursor'] as const) {
      if (query[property] !== undefined) throw isForJson(property);
    }
    const range = resolveRange(query, this.rangeRules());
    let metricName = query.metric;
    const open = async () => {
      const selected = await this.selection.select(query.metric, query.label, signal);
      metricName = selected.metric.name;
      const csv = await SamplesCsv.of(selected);
      return csv.chunks(this.samplesOf(selected, range, { samplesPerRead: SAMPLES_PER_CSV_READ, signal }));
    };
    const chunks = await startStream(this.limiter.whileAdmitted(open));
    return { metricName, range, chunks };
  }

  private async *samplesOf(
    { series }: SelectedSeries,
    { from, to }: TimeRange,
    { samplesPerRead, after, signal }: { samplesPerRead: number; after?: SamplePosition; signal?: AbortSignal },
  ): AsyncGenerator<Iterable<Sample>> {
    const start = after === undefined ? from : Math.max(from, after.at);
    const windows = this.scan.windows({
      series,
      from: start,
      to,
      samplesPerRead,
      isLimited: false,
      signal,
    });
    const turns = new Turns();
    for await (const window of windows) {
      // Sorting a window takes up to ten milliseconds without a pause, and the reads of many requests may end at the same time.
      await turns.give();
      const samples = orderedSamples(window);
      yield after === undefined ? samples : samplesAfter(samples, after);
    }
  }

  /** Continues at a cursor. The cursor contains the range, because "until now" must not move from page to page. */
  private resume(request: readonly unknown[], cursor: string): { range: TimeRange; after: SamplePosition } {
    const [from, to, at, seriesId, place] = decodeCursor(request, cursor, POSITION_SHAPE);
    return { range: cutRange({ from, to }, this.rangeRules()), after: { at, seriesId, place } };
  }

  private rangeRules(): { now: number; retentionDays: number } {
    return { now: this.clock.now(), retentionDays: this.options.store.retentionDays };
  }
}

function* samplesAfter(samples: Iterable<Sample>, position: SamplePosition): Generator<Sample> {
  for (const sample of samples) if (isAfter(sample, position)) yield sample;
}

function isForJson(property: string): BadDataError {
  return new BadDataError([
    {
      path: `/query/${property}`,
      message: `The \`/query/${property}\` property is for JSON: a CSV has the whole range. Leave it out.`,
    },
  ]);
}
