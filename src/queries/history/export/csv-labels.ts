import { labelsFromText, labelValueIn } from '../../../catalog/series/label-set.js';
import type { Series } from '../../../catalog/series/series.js';
import { BadDataError } from '../../../http/answers/errors.js';
import { Turns } from '../../../scheduling/turns.js';
import { csvField, type CsvStyle } from './csv-style.js';

/** The fixed columns that contain times. */
const TIME_COLUMNS = new Set(['at', 'compare_at']);

/**
 * Returns the names of all labels of some series, sorted. Each becomes a column.
 *
 * @param maxColumns maximum number of columns. Each adds a separator to every row, and any client with a token to push can invent
 *   label names. Without a limit, a metric with 317,000 label names crashed the process
 * @throws BadDataError for more columns
 */
export async function labelColumnsOf(series: Iterable<Series>, maxColumns: number): Promise<string[]> {
  const turns = new Turns();
  const names = new Set<string>();
  for (const { labelsText } of series) {
    for (const name of Object.keys(labelsFromText(labelsText))) names.add(name);
    if (names.size > maxColumns) throw tooManyColumns(maxColumns);
    if (turns.isUp) await turns.give();
  }
  return [...names].toSorted();
}

/**
 * Writes the header: the fixed columns first, so that their positions do not depend on the labels. A label with the name of a
 * fixed column gets the prefix `label_`, repeated until the name is unique.
 */
export function headerOf(style: CsvStyle, fixed: readonly string[], labelNames: readonly string[]): string {
  const taken = new Set([...fixed, ...labelNames]);
  const columns = labelNames.map((name) => {
    if (!fixed.includes(name)) return name;
    let column = name;
    while (taken.has(column)) column = `label_${column}`;
    taken.add(column);
    return column;
  });
  const fixedColumns = fixed.map((name) => (TIME_COLUMNS.has(name) ? style.timeColumn(name) : name));
  return style.prelude + style.record([...fixedColumns, ...columns]);
}

/** Writes the label fields of a row, each after a separator. An absent label leaves its field empty. */
export function labelFields(
  { separator }: CsvStyle,
  labelNames: readonly string[],
  labels: Readonly<Record<string, string>>,
): string {
  return labelNames.map((name) => separator + csvField(labelValueIn(labels, name))).join('');
}

function tooManyColumns(limit: number): BadDataError {
  return new BadDataError([
    {
      path: '/query/label',
      message:
        `The series have more than ${limit} different label names, and a CSV has a column for each (HISTORY_MAX_LABEL_COLUMNS). ` +
        'Choose fewer series with label=name=value, or ask for JSON, which has no columns.',
    },
  ]);
}
