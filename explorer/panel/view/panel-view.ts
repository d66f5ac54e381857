import type { Line, ListedMetric, Point, Points } from '../../api/types.js';
import { slotsOf } from '../../chart/line-slots.js';
import type { ChartLine, ChartModel } from '../../chart/model.js';

/** One row of the legend. */
export interface LegendRow {
  key: string;
  name: string;
  labels: Readonly<Record<string, string>>;
  /** The number of lines that this row combines, or null if the row shows a single line. */
  others: number | null;
  slot: number | null;
  /** The main number of the line: its total, its last value, or its average or percentile over the whole range. */
  value: number | null;
  before: number | null;
  lowest: number | null;
  highest: number | null;
}

/** The main figure of a panel, which is shown in large type. */
export interface BigNumber {
  value: number | null;
  /** The same number of the previous period, or null if there is nothing to compare. */
  before: number | null;
  /** The words that are shown after the number, such as `last value`. */
  name: string;
  /** A text with a second number, which is shown beside the large one. */
  more?: string;
  isComparable: boolean;
}

/** Everything that a panel shows. */
export interface PanelView {
  model: ChartModel;
  big: BigNumber;
  rows: LegendRow[];
  /** Whether the values of the rows are totals, so that each row has a share of their sum. */
  isTotal: boolean;
  /** The heading of the values in the legend. */
  valueName: string;
  /** The number of lines before the smaller ones were combined, or null if the request does not limit the number of lines. */
  linesTotal: number | null;
}

/** The input of `viewOf`. */
export interface ViewInput {
  metric: ListedMetric;
  see: string;
  /** The name of the measure that is shown. */
  sight: string;
  by: readonly string[];
  answers: Points[];
  isComparing: boolean;
  as: 'bars' | 'lines' | 'table' | '';
}

/** Returns the start, the end and the state of each step of an answer. */
export function stepsOf({ series, stepSeconds, to }: Points): Pick<ChartModel, 'times' | 'ends' | 'unfinished'> {
  const points = series[0]?.points ?? [];
  const times = points.map(({ at }) => Date.parse(at) / 1000);
  const lastLength =
    stepSeconds ?? (times.length > 1 ? times.at(-1)! - times.at(-2)! : Date.parse(to) / 1000 - (times[0] ?? 0));
  const ends = times.map((at, index) => times[index + 1] ?? at + lastLength);
  return { times, ends, unfinished: points.map(({ unfinished }) => unfinished === true) };
}

/** Returns one number for each point: its only value, or the value of the given aggregate. */
export function numbersOf(points: readonly Point[] | undefined, aggregate?: string): (number | null)[] {
  return (points ?? []).map(({ value, values }) => {
    const number = aggregate === undefined ? value : (values as Record<string, number | null> | undefined)?.[aggregate];
    return typeof number === 'number' ? number : null;
  });
}

/**
 * Returns the name of a line: the values of the labels by which it is grouped, or the number of lines that it combines, or
 * `alone`.
 */
function nameOf({ labels, others }: Line, by: readonly string[], alone: string): string {
  if (others !== undefined) return `others (${others.toLocaleString('en')})`;
  if (by.length === 0) return alone;
  return by.map((label) => labels[label] || '(none)').join(' · ');
}

/** Returns the key by which a line is recognised while its values change. */
export function keyOf({ labels, others }: Line): string {
  return others === undefined ? JSON.stringify(labels) : 'others';
}

/** Returns the slots of lines in the list of colours. A line that sums up others has none. */
function slotsOfLines(lines: readonly Line[], by: readonly string[]): (number | null)[] {
  const own = lines.filter(({ others }) => others === undefined);
  const slots = by.length === 0 ? own.map(() => 0) : slotsOf(own.map(keyOf));
  let next = 0;
  return lines.map(({ others }) => (others === undefined ? slots[next++]! : null));
}

/** The values of one line of an answer, ready to be drawn. */
export interface LineNumbers {
  line: Line;
  /** One value for each step, or null where the line has a gap. */
  values: (number | null)[];
  /** The values of the previous period, or null if the answer does not contain them. */
  before: (number | null)[] | null;
  /** The figure that the legend shows for the line (see `LegendRow`). */
  value: number | null;
  /** The same figure for the previous period. */
  valueBefore: number | null;
}

/** A line of a chart, with its row of the legend. */
export interface DrawnLine {
  chart: ChartLine;
  row: LegendRow;
}

/**
 * Returns the line of the chart and the row of the legend for each line of an answer, in the same order.
 *
 * @param alone the name of the only line, if the answer is not grouped
 * @param isComparing whether the previous period is drawn as well
 */
export function drawnLines(
  lines: readonly LineNumbers[],
  { by, alone, isComparing }: { by: readonly string[]; alone: string; isComparing: boolean },
): DrawnLine[] {
  const slots = slotsOfLines(
    lines.map(({ line }) => line),
    by,
  );
  return lines.map(({ line, values, before, value, valueBefore }, index) => {
    const identity = { key: keyOf(line), name: nameOf(line, by, alone), slot: slots[index]! };
    return {
      chart: { ...identity, values, ...(isComparing && before !== null ? { before } : {}) },
      row: {
        ...identity,
        labels: line.labels,
        others: line.others ?? null,
        value,
        before: valueBefore,
        ...extremesOf(values),
      },
    };
  });
}

/** Returns the rows of a legend, the largest first. The line that sums up others is last. */
export function sortedRows(lines: readonly DrawnLine[]): LegendRow[] {
  return lines
    .map(({ row }) => row)
    .toSorted((one, other) => {
      if ((one.others === null) !== (other.others === null)) return one.others === null ? -1 : 1;
      return (other.value ?? -Infinity) - (one.value ?? -Infinity) || 0;
    });
}

/** Returns the sum of the numbers, or null if all are null. */
export function sumOf(values: readonly (number | null)[]): number | null {
  let sum: number | null = null;
  for (const value of values) if (value !== null) sum = (sum ?? 0) + value;
  return sum;
}

/** Returns the last number that is not a gap. */
export function lastOf(values: readonly (number | null)[]): number | null {
  return values.findLast((value) => value !== null) ?? null;
}

/** Returns the lowest and the highest number. */
export function extremesOf(values: readonly (number | null)[]): { lowest: number | null; highest: number | null } {
  const numbers = values.filter((value) => value !== null);
  if (numbers.length === 0) return { lowest: null, highest: null };
  return {
    lowest: numbers.reduce((one, other) => Math.min(one, other)),
    highest: numbers.reduce((one, other) => Math.max(one, other)),
  };
}
