import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../../custom-metrics.options.js';
import { DatabaseClock } from '../../../database/database-clock.js';
import { jsonParts } from '../../../http/answers/json-parts.js';
import { startStream } from '../../../http/answers/start-stream.js';
import { SeriesSelection } from '../../selection/series-selection.js';
import { rangeFields } from '../range-fields.js';
import { ReadLimiter } from '../read-limiter.js';
import { SampleScan } from '../sample-scan.js';
import { periodBefore, resolveRange } from '../time-range.js';
import type { BreakdownQueryDto } from './breakdown-query.dto.js';
import type { BreakdownMeasure, BreakdownResponse } from './breakdown.response.js';
import { cellsOf } from './label-cells.js';
import { compareLabels, describeLabel, type DescribedLabel, ListedBytes } from './listed-label.js';
import { BEFORE, NOW, PeriodFigures } from './period-figures.js';

/** Number of samples read at a time: about 20 MB while they are decoded. */
const SAMPLES_PER_READ = 500_000;

const MEASURES = { counter: 'increase', gauge: 'avg', histogram: 'p95' } as const satisfies Record<
  BreakdownResponse['type'],
  BreakdownMeasure
>;

/** Finds the labels by which a metric differs most, within a range and compared with the period before. */
@Injectable()
export class BreakdownService {
  constructor(
    private readonly selection: SeriesSelection,
    private readonly scan: SampleScan,
    private readonly limiter: ReadLimiter,
    private readonly clock: DatabaseClock,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /**
   * Compares the labels of a metric.
   *
   * @param signal ends the work when the client no longer waits for the answer
   * @returns the JSON of a BreakdownResponse
   */
  breakDown(query: BreakdownQueryDto, signal?: AbortSignal): Promise<AsyncIterable<string>> {
    return startStream(this.limiter.whileAdmitted(() => this.answer(query, signal)));
  }

  private async answer(query: BreakdownQueryDto, signal: AbortSignal | undefined): Promise<AsyncIterable<string>> {
    const rules = { now: this.clock.now(), retentionDays: this.options.store.retentionDays };
    const range = resolveRange(query, rules);
    const before = periodBefore(range, rules);
    const { metric, series } = await this.selection.selectObserved(query.metric, query.label, signal);
    const isCounter = metric.type !== 'gauge';
    const figures = new PeriodFigures(series, isCounter, range.from);
    const windows = this.scan.windows({
      series,
      from: before.from,
      to: range.to,
      needsBefore: series.some(({ kind }) => kind === (isCounter ? 'cumulative' : 'delta')),
      samplesPerRead: SAMPLES_PER_READ,
      isLimited: true,
      signal,
    });
    for await (const window of windows) await figures.add(window);
    const { labelsTotal, byLabel, whole } = await cellsOf(metric.type, series, figures, signal);
    const labels: DescribedLabel[] = [];
    const hasPast = before.from < before.to;
    for (const [name, cells] of byLabel) {
      labels.push(await describeLabel({ name, cells, whole, type: metric.type, maxValues: query.values, hasPast }));
    }
    const head: Omit<BreakdownResponse, 'labels'> = {
      metric: metric.name,
      type: metric.type,
      measure: MEASURES[metric.type],
      ...rangeFields(range),
      compare: rangeFields(before),
      total: { now: whole.measureOf(NOW), before: whole.measureOf(BEFORE) },
      labelsTotal,
    };
    const bytes = new ListedBytes();
    return jsonParts({
      head,
      listName: 'labels',
      items: labels.toSorted(compareLabels),
      itemJson: (label) => JSON.stringify(bytes.fit(label)),
    });
  }
}
