import type { Line, Points } from '../../api/types.js';
import {
  drawnLines,
  keyOf,
  numbersOf,
  sortedRows,
  stepsOf,
  sumOf,
  type PanelView,
  type ViewInput,
} from './panel-view.js';

/** The sums and the counts of the observations of one line over time. */
interface Average {
  line: Line;
  sums: (number | null)[];
  counts: (number | null)[];
  sumsBefore: (number | null)[] | null;
  countsBefore: (number | null)[] | null;
}

/** Returns the view of a histogram's average: the sum of the observations divided by their number. */
export function averageView({ answers, by, metric, sight, isComparing }: ViewInput): PanelView {
  const [sums, counts] = answers;
  const averages = averagesOf(sums?.series ?? [], counts?.series ?? [], sums?.linesTotal);
  const drawn = drawnLines(
    averages.map(({ line, sums, counts, sumsBefore, countsBefore }) => ({
      line,
      values: divided(sums, counts),
      before: sumsBefore === null || countsBefore === null ? null : divided(sumsBefore, countsBefore),
      value: quotient(sumOf(sums), sumOf(counts)),
      valueBefore: quotient(sumOf(sumsBefore ?? []), sumOf(countsBefore ?? [])),
    })),
    { by, alone: sight, isComparing },
  );
  return {
    model: {
      kind: 'lines',
      ...(sums === undefined ? { times: [], ends: [], unfinished: [] } : stepsOf(sums)),
      lines: drawn.map(({ chart }) => chart),
      unit: metric.unit,
    },
    big: {
      value: quotient(totalOf(sums), totalOf(counts)),
      before: quotient(totalOf(sums, 'compare'), totalOf(counts, 'compare')),
      name: 'average',
      isComparable: averages.some(({ sumsBefore }) => sumsBefore !== null),
    },
    rows: sortedRows(drawn),
    isTotal: false,
    valueName: 'Whole range',
    linesTotal: sums?.linesTotal ?? null,
  };
}

/**
 * Joins the lines of two answers. Each answer lists only its largest lines, so a line that only one of them lists is added to the
 * others.
 */
function averagesOf(sums: readonly Line[], counts: readonly Line[], linesTotal: number | undefined): Average[] {
  const countOf = new Map(counts.map((line) => [keyOf(line), line]));
  const own = sums.filter((line) => line.others === undefined && countOf.has(keyOf(line)));
  const ownKeys = new Set(own.map(keyOf));
  const averages = own.map((line) => averageOf(line, [line], [countOf.get(keyOf(line))!]));
  const otherSums = sums.filter((line) => !ownKeys.has(keyOf(line)));
  const otherCounts = counts.filter((line) => !ownKeys.has(keyOf(line)));
  if (otherSums.length === 0 || otherCounts.length === 0) return averages;
  const others = Math.max((linesTotal ?? 0) - own.length, 1);
  return [...averages, averageOf({ labels: {}, points: [], others }, otherSums, otherCounts)];
}

function averageOf(line: Line, sums: readonly Line[], counts: readonly Line[]): Average {
  const hasBefore = sums.some(({ compare }) => compare !== undefined);
  const before = (lines: readonly Line[]) => added(lines.map(({ compare }) => numbersOf(compare)));
  return {
    line,
    sums: added(sums.map(({ points }) => numbersOf(points))),
    counts: added(counts.map(({ points }) => numbersOf(points))),
    sumsBefore: hasBefore ? before(sums) : null,
    countsBefore: hasBefore ? before(counts) : null,
  };
}

function added(columns: readonly (readonly (number | null)[])[]): (number | null)[] {
  return (columns[0] ?? []).map((_, index) => sumOf(columns.map((column) => column[index] ?? null)));
}

function totalOf(answer: Points | undefined, of: 'points' | 'compare' = 'points'): number | null {
  return sumOf((answer?.series ?? []).map((line) => sumOf(numbersOf(line[of]))));
}

function divided(sums: readonly (number | null)[], counts: readonly (number | null)[]): (number | null)[] {
  return sums.map((sum, index) => quotient(sum, counts[index] ?? null));
}

function quotient(sum: number | null, count: number | null): number | null {
  return sum === null || count === null || count === 0 ? null : sum / count;
}
