import type { Metric } from '../../../catalog/series/series.js';
import { jsonParts } from '../../../http/answers/json-parts.js';
import type { Grouping } from '../aggregates/groups.js';
import type { LineResponse, PointResponse, RangeQueryResponse } from '../dto/range-query.response.js';
import { rangeFields } from '../range-fields.js';
import { isUnfinished } from './grid.js';
import type { LargestGroups } from './largest-groups.js';
import type { RangePlan, Span } from './range-plan.js';
import type { GroupPoints } from './range-points.js';
import { textOf } from './step.js';

/** The parts of an answer with points. */
export interface RangeAnswer extends LargestGroups {
  readonly metric: Metric;
  readonly plan: RangePlan;
  /** The labels that the request groups by. */
  readonly groupBy: readonly string[];
  readonly labelsOf: Grouping['labelsOf'];
  /** Returns the labels of a group that combines others. */
  readonly othersLabelsOf: Grouping['labelsOf'];
  /** The number of lines that there would be without the limit of the request; undefined if the request has no limit. */
  readonly linesTotal: number | undefined;
  readonly points: readonly GroupPoints[];
  readonly comparedPoints: readonly GroupPoints[] | undefined;
}

/** Writes the JSON of a {@link RangeQueryResponse} in parts. */
export function answerJson(answer: RangeAnswer): AsyncGenerator<string> {
  const { metric, plan, groups, others, othersFrom, labelsOf, othersLabelsOf, linesTotal, points, comparedPoints } =
    answer;
  const { aggregates, step, calendar, range, compared } = plan;
  const buckets = bucketsOf(plan, plan);
  const comparedBuckets = compared && bucketsOf(compared, plan);
  const head: Omit<RangeQueryResponse, 'series'> = {
    metric: metric.name,
    type: metric.type,
    aggregate: aggregates.join(','),
    ...rangeFields(range),
    step: textOf(step),
    stepSeconds: 'unit' in step ? null : step.ms / 1_000,
    ...(calendar.isZoned && { tz: calendar.zone.name }),
    ...(compared && { compare: rangeFields(compared.range) }),
    ...(linesTotal !== undefined && { linesTotal }),
  };
  return jsonParts({
    head,
    listName: 'series',
    items: groups.keys(),
    itemJson: (index) => {
      const isOthers = index >= othersFrom;
      const line: LineResponse = {
        labels: (isOthers ? othersLabelsOf : labelsOf)(groups[index]!),
        ...(isOthers && { others }),
        points: pointsOf(buckets, points[index]!, aggregates),
        ...(comparedBuckets && { compare: pointsOf(comparedBuckets, comparedPoints![index]!, aggregates) }),
      };
      return JSON.stringify(line);
    },
  });
}

/** The fields of a point that all lines share. */
type Bucket = Pick<PointResponse, 'at' | 'unfinished'>;

function bucketsOf({ grid, range }: Span, { now }: RangePlan): Bucket[] {
  return Array.from({ length: grid.count }, (_, bucket) => ({
    at: new Date(grid.edges[bucket]!).toISOString(),
    ...(isUnfinished(grid, bucket, range, now) && { unfinished: true }),
  }));
}

function pointsOf(
  buckets: readonly Bucket[],
  values: GroupPoints,
  aggregates: RangePlan['aggregates'],
): PointResponse[] {
  const [first] = values;
  if (aggregates.length === 1) return buckets.map((bucket, index) => ({ ...bucket, value: valueOf(first!, index) }));
  return buckets.map((bucket, index) => ({
    ...bucket,
    values: Object.fromEntries(aggregates.map((aggregate, line) => [aggregate, valueOf(values[line]!, index)])),
  }));
}

function valueOf(line: Float64Array, index: number): number | null {
  const value = line[index]!;
  // Points are for charts, which can't show an infinite gauge.
  return Number.isFinite(value) ? value : null;
}
