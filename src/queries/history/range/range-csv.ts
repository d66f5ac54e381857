import { Turns } from '../../../scheduling/turns.js';
import { headerOf, labelColumnsOf, labelFields } from '../export/csv-labels.js';
import { CHUNK_CHARACTERS, type CsvStyle } from '../export/csv-style.js';
import { isUnfinished } from './grid.js';
import type { RangeAnswer } from './range-answer.js';
import type { Span } from './range-plan.js';
import type { GroupPoints } from './range-points.js';

/**
 * Writes points as CSV, in parts: one row for each line and bucket, with the columns of the samples' CSV and those that only
 * points have. If the points are compared with an earlier range, each row also contains the bucket with the same index in that
 * range.
 *
 * @throws BadDataError for more label columns than a file may have
 */
export async function* answerCsv(
  answer: RangeAnswer,
  style: CsvStyle,
  maxLabelColumns: number,
): AsyncGenerator<string> {
  const {
    metric,
    plan,
    groupBy,
    groups,
    others,
    othersFrom,
    labelsOf,
    othersLabelsOf,
    linesTotal,
    points,
    comparedPoints,
  } = answer;
  const { aggregates, compared, now } = plan;
  const { separator } = style;
  const values = aggregates.length === 1 ? ['value'] : aggregates;
  const named = groups.slice(0, othersFrom);
  const labelNames = groupBy.includes('*')
    ? await labelColumnsOf(
        named.map(({ series }) => series[0]!),
        maxLabelColumns,
      )
    : [...new Set(groupBy)];
  const columns = [
    'metric',
    'at',
    ...values,
    'unfinished',
    ...(linesTotal === undefined ? [] : ['others']),
    ...(compared ? ['compare_at', ...values.map((name) => `compare_${name}`)] : []),
  ];
  const fieldsOf = (span: Span, line: GroupPoints, bucket: number) =>
    bucket < span.grid.count
      ? [style.time(span.grid.edges[bucket]!), ...line.map((numbers) => style.number(numbers[bucket]!))]
      : ['', ...values.map(() => '')];
  const rows = Math.max(plan.grid.count, compared?.grid.count ?? 0);
  const turns = new Turns();
  let chunk = headerOf(style, columns, labelNames);
  for (const [index, group] of groups.entries()) {
    const isOthers = index >= othersFrom;
    const labels = labelFields(style, labelNames, (isOthers ? othersLabelsOf : labelsOf)(group));
    for (let bucket = 0; bucket < rows; bucket++) {
      const fields = [metric.name, ...fieldsOf(plan, points[index]!, bucket)];
      fields.push(bucket < plan.grid.count && isUnfinished(plan.grid, bucket, plan.range, now) ? 'true' : '');
      if (linesTotal !== undefined) fields.push(isOthers ? String(others) : '');
      if (compared) fields.push(...fieldsOf(compared, comparedPoints![index]!, bucket));
      chunk += `${fields.join(separator)}${labels}\r\n`;
      if (chunk.length >= CHUNK_CHARACTERS) {
        yield chunk;
        chunk = '';
      }
      if (turns.isUp) await turns.give();
    }
  }
  yield chunk;
}
