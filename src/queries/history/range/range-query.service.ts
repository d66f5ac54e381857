import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../../custom-metrics.options.js';
import { DatabaseClock } from '../../../database/database-clock.js';
import { startStream } from '../../../http/answers/start-stream.js';
import { SeriesSelection } from '../../selection/series-selection.js';
import { groupSeries, type SeriesGroup } from '../aggregates/groups.js';
import type { RangeQueryDto } from '../dto/range-query.dto.js';
import { csvStyleOf } from '../export/export-format.js';
import type { CsvExport } from '../export/send-csv.js';
import { ReadLimiter } from '../read-limiter.js';
import { boundLabelOf, linePlacesOf } from './histogram-lines.js';
import { type LargestGroups, largestGroups, type LinePlace } from './largest-groups.js';
import { answerJson, type RangeAnswer } from './range-answer.js';
import { answerCsv } from './range-csv.js';
import { checkSize, planRange, type RangePlan, type Span } from './range-plan.js';
import { type GroupPoints, RangePoints } from './range-points.js';

/**
 * Answers queries for points: the samples of a range are split into buckets, and each bucket becomes one number for each
 * aggregate.
 */
@Injectable()
export class RangeQueryService {
  constructor(
    private readonly selection: SeriesSelection,
    private readonly points: RangePoints,
    private readonly limiter: ReadLimiter,
    private readonly clock: DatabaseClock,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /**
   * Computes points from the samples in a range.
   *
   * @param signal ends the work when the client no longer waits for the answer
   * @returns the JSON of a RangeQueryResponse
   */
  query(request: RangeQueryDto, signal?: AbortSignal): Promise<AsyncIterable<string>> {
    return startStream(this.limiter.whileAdmitted(async () => answerJson(await this.answer(request, signal))));
  }

  /**
   * Computes points like {@link query}, and returns a CSV with one row for each bucket of each line.
   *
   * @param signal ends the work when the client no longer waits for the answer
   */
  async openCsv(request: RangeQueryDto, signal?: AbortSignal): Promise<CsvExport> {
    const style = csvStyleOf(request);
    let answer: RangeAnswer | undefined;
    const open = async () =>
      answerCsv((answer = await this.answer(request, signal)), style, this.options.history.maxLabelColumns);
    const chunks = await startStream(this.limiter.whileAdmitted(open));
    const { metric, plan } = answer!;
    return { metricName: metric.name, range: plan.range, zone: plan.calendar.zone, chunks };
  }

  private async answer(request: RangeQueryDto, signal: AbortSignal | undefined): Promise<RangeAnswer> {
    const selected = await this.selection.select(request.metric, request.label, signal);
    const { history } = this.options;
    const plan = planRange(request, selected, this.clock.now(), this.options);
    const grouping = await groupSeries(
      selected.series,
      request.groupBy,
      history.maxGroups,
      this.options.series.nameValidation,
    );
    const { groups: all, labelsOf } = grouping;
    const { lines } = request;
    const places = lines === undefined ? undefined : await linePlacesOf(request.metric, grouping, request.groupBy);
    const linesTotal = places?.linesTotal ?? all.length;
    const mostGroups = lines === undefined ? Infinity : (lines + 1) * (places?.parts ?? 1);
    checkSize(Math.min(all.length, mostGroups), plan, history.maxAnswerPoints);
    const compute = (groups: readonly SeriesGroup[], { range, grid }: Span, aggregates = plan.aggregates) =>
      this.points.compute({
        ...selected,
        groups,
        aggregates,
        distinctLabel: request.distinctLabel,
        range,
        grid,
        signal,
      });
    const { groups, others, othersFrom } = await this.choose(all, lines, places?.places, plan, compute);
    return {
      metric: selected.metric,
      plan,
      groupBy: request.groupBy,
      groups,
      others,
      othersFrom,
      labelsOf,
      othersLabelsOf: places === undefined ? () => ({}) : (group) => boundLabelOf(labelsOf(group)),
      linesTotal: lines === undefined ? undefined : linesTotal,
      points: await compute(groups, plan),
      comparedPoints: plan.compared && (await compute(groups, plan.compared)),
    };
  }

  /**
   * Chooses the groups that are not combined with others. A separate scan computes only one number for each group, so that the
   * groups that are left out need no more memory than that.
   */
  private async choose(
    groups: readonly SeriesGroup[],
    lines: number | undefined,
    places: readonly LinePlace[] | undefined,
    { range, aggregates }: RangePlan,
    compute: (
      groups: readonly SeriesGroup[],
      span: Span,
      aggregates: RangePlan['aggregates'],
    ) => Promise<GroupPoints[]>,
  ): Promise<LargestGroups> {
    if (lines === undefined || groups.length <= 1) return { groups, others: 0, othersFrom: groups.length };
    const whole = { edges: Float64Array.of(range.from, range.to), count: 1, stepMs: undefined };
    const totals = await compute(groups, { range, grid: whole }, aggregates.slice(0, 1));
    return largestGroups(groups, totals, lines, places);
  }
}
