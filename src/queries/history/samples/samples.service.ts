import { Inject, Injectable } from '@nestjs/common';
import { labelsFromText } from '../../../catalog/series/label-set.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../../custom-metrics.options.js';
import { DatabaseClock } from '../../../database/database-clock.js';
import { BadDataError } from '../../../http/answers/errors.js';
import { jsonNumberOf } from '../../../http/answers/json-number.js';
import { readTimeZone } from '../calendar/read-time-zone.js';
import type { TimeZone } from '../calendar/time-zone.js';
import { csvStyleOf } from '../export/export-format.js';
import type { CsvExport } from '../export/send-csv.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import { pageSizeOf } from '../dto/page-query.dto.js';
import type { SampleOrder, SamplesQueryDto } from '../dto/samples-query.dto.js';
import { rangeFields } from '../range-fields.js';
import type { SampleResponse } from '../dto/samples.response.js';
import { OrderedSamples, type Sample, type SamplePosition } from './ordered-samples.js';
import { jsonParts } from '../../../http/answers/json-parts.js';
import { PageSize } from '../page-size.js';
import { ReadLimiter } from '../read-limiter.js';
import { SampleScan } from '../sample-scan.js';
import { SamplesCsv } from './samples-csv.js';
import { SeriesSelection, type SelectedSeries } from '../../selection/series-selection.js';
import { Turns } from '../../../scheduling/turns.js';
import { startStream } from '../../../http/answers/start-stream.js';
import { cutRange, resolveRange, type TimeRange } from '../time-range.js';

/** Number of samples of a CSV that are read at a time. They take about 6 MB, which a slow client can occupy for a long time. */
const SAMPLES_PER_CSV_READ = 250_000;

/** Number of samples that are read for a page. A page needs few of them, and the others are read again for the next page. */
const SAMPLES_PER_PAGE_READ = 50_000;

const POSITION_SHAPE = ['number', 'number', 'number', 'number', 'number'] as const;

/** Lists raw samples in time order, either as a page of JSON or as a CSV of the whole range. */
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
    const request = ['samples', query.metric, query.label, query.from ?? null, query.to ?? null, query.order];
    const { range, after } =
      query.cursor === undefined
        ? { range: this.rangeOf(query).range, after: undefined }
        : this.resume(request, query.cursor);
    const size = new PageSize(pageSizeOf(query));
    const page: Sample[] = [];
    let hasMore = false;
    const turns = new Turns();
    for await (const samples of this.samplesOf(selected, range, {
      samplesPerRead: SAMPLES_PER_PAGE_READ,
      order: query.order,
      after,
      signal,
    })) {
      while (samples.next()) {
        const { series, at, value, place } = samples;
        hasMore = !size.takes(series.labelsText.length);
        if (hasMore) break;
        page.push({ series, at, value, place });
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
      itemJson: (sample) => JSON.stringify(listedSampleOf(sample)),
      tail: { nextCursor },
    });
  }

  /**
   * Opens a CSV of the whole range. The beginning is read first, so that an early error is reported before a byte has been
   * sent.
   */
  async openCsv(query: SamplesQueryDto, signal?: AbortSignal): Promise<CsvExport> {
    for (const property of ['limit', 'cursor'] as const) {
      if (query[property] !== undefined) throw isForJson(property);
    }
    const style = csvStyleOf(query);
    const { zone, range } = this.rangeOf(query);
    let metricName = query.metric;
    const open = async () => {
      const selected = await this.selection.select(query.metric, query.label, signal);
      metricName = selected.metric.name;
      const csv = await SamplesCsv.of(selected, style, this.options.history.maxLabelColumns);
      return csv.chunks(
        this.samplesOf(selected, range, { samplesPerRead: SAMPLES_PER_CSV_READ, order: query.order, signal }),
      );
    };
    const chunks = await startStream(this.limiter.whileAdmitted(open));
    return { metricName, range, zone, chunks };
  }

  private async *samplesOf(
    { series }: SelectedSeries,
    { from, to }: TimeRange,
    {
      samplesPerRead,
      order,
      after,
      signal,
    }: { samplesPerRead: number; order: SampleOrder; after?: SamplePosition; signal?: AbortSignal },
  ): AsyncGenerator<OrderedSamples> {
    const isDescending = order === 'desc';
    const scan = { series, from, to, samplesPerRead, isLimited: false, signal };
    const windows = isDescending
      ? this.scan.windowsBackwards({ ...scan, to: after === undefined ? to : Math.min(to, after.at + 1) })
      : this.scan.windows({ ...scan, from: after === undefined ? from : Math.max(from, after.at) });
    const turns = new Turns();
    for await (const window of windows) {
      // Sorting a window takes several milliseconds without a pause, and the reads of many requests can end at the same time.
      await turns.give();
      const samples = new OrderedSamples(window, order);
      if (after !== undefined) samples.skipUntil(after);
      yield samples;
    }
  }

  /** Continues at a cursor. The cursor contains the range, because "until now" must mean the same time on every page. */
  private resume(request: readonly unknown[], cursor: string): { range: TimeRange; after: SamplePosition } {
    const [from, to, at, seriesId, place] = decodeCursor(request, cursor, POSITION_SHAPE);
    return { range: cutRange({ from, to }, this.rangeRules()), after: { at, seriesId, place } };
  }

  private rangeOf(query: SamplesQueryDto): { zone: TimeZone | undefined; range: TimeRange } {
    const zone = query.tz === undefined ? undefined : readTimeZone(query.tz);
    return { zone, range: resolveRange(query, { ...this.rangeRules(), zone }) };
  }

  private rangeRules(): { now: number; retentionDays: number } {
    return { now: this.clock.now(), retentionDays: this.options.store.retentionDays };
  }
}

function isForJson(property: string): BadDataError {
  return new BadDataError([
    {
      path: `/query/${property}`,
      message: `The \`/query/${property}\` property applies to JSON only, because a CSV has the whole range. Leave it out.`,
    },
  ]);
}

function listedSampleOf({ series, at, value }: Sample): SampleResponse {
  return {
    seriesId: series.id,
    labels: labelsFromText(series.labelsText),
    at: new Date(at).toISOString(),
    value: jsonNumberOf(value),
  };
}
