import type { Line } from '../../api/types.js';
import type { ChartLine, ChartModel } from '../../chart/model.js';
import { isAdditive } from '../sights.js';
import { endsOf } from './line-ends.js';
import {
  drawnLines,
  lastOf,
  numbersOf,
  sortedRows,
  stepsOf,
  sumOf,
  type LegendRow,
  type PanelView,
  type ViewInput,
} from './panel-view.js';

/** Maximum number of lines whose previous period is drawn. More would cover the lines themselves. */
const MOST_COMPARED = 3;

/** Returns the view of a counter, a gauge, or the number of observations of a histogram. */
export function pointsView(input: ViewInput): PanelView {
  const { metric, see, by, answers, isComparing } = input;
  const [answer] = answers;
  const lines = answer?.series ?? [];
  const isTotal = isAdditive(metric.type, see);
  const several = lines.some((line) => line.points.some(({ values }) => values !== undefined));
  const isSparse = see === 'avg' && hasFewSamples(lines);
  const shown = !several ? undefined : isSparse ? 'last' : see;
  const isBars = isTotal && input.as !== 'lines';
  const kind: ChartModel['kind'] = isBars ? 'bars' : isSparse || see === 'last' ? 'steps' : 'lines';
  const steps = answer === undefined ? { times: [], ends: [], unfinished: [] } : stepsOf(answer);
  const hasEnds = !isTotal && (several || see === 'last');

  const summary = isTotal ? sumOf : lastOf;
  const drawn = drawnLines(
    lines.map((line) => {
      const values = numbersOf(line.points, shown);
      const before = line.compare === undefined ? null : numbersOf(line.compare, shown);
      return { line, values, before, value: summary(values), valueBefore: before === null ? null : summary(before) };
    }),
    {
      by,
      alone: isSparse ? 'last value' : input.sight,
      isComparing: isComparing && (isBars || lines.length <= MOST_COMPARED),
    },
  );
  const detailsOf = ({ values }: ChartLine, line: Line): Partial<ChartLine> => {
    const details: Partial<ChartLine> = {};
    if (!isBars && metric.type === 'counter' && see !== 'last') {
      // A step that has not ended contains less than the others, which would look like a drop.
      details.shown = values;
      details.values = values.map((value, index) => (line.points[index]?.unfinished ? null : value));
    }
    if (see === 'avg' && several && !isSparse && lines.length <= 3) {
      details.low = numbersOf(line.points, 'min');
      details.high = numbersOf(line.points, 'max');
    }
    if (hasEnds) {
      const ends = endsOf(line, { kind, ...steps }, values, several ? (see === 'last' ? 'avg' : see) : undefined);
      if (ends.length > 0) details.ends = ends;
    }
    return details;
  };

  const rows = sortedRows(drawn);
  return {
    model: {
      kind,
      ...steps,
      lines: drawn.map(({ chart }, index) => Object.assign(chart, detailsOf(chart, lines[index]!))),
      unit:
        see === 'rate'
          ? metric.unit === null
            ? 'per second'
            : `${metric.unit}/s`
          : see === 'count'
            ? null
            : metric.unit,
    },
    big: bigNumberOf(input, rows, several),
    rows,
    isTotal,
    valueName: isTotal ? 'Total' : 'Last',
    linesTotal: answer?.linesTotal ?? null,
  };
}

/**
 * Returns whether no step has more than one sample, or fewer than a quarter of the steps have any. An average would then add
 * nothing, so the last value is shown instead.
 */
function hasFewSamples(lines: readonly Line[]): boolean {
  const counts = lines.flatMap((line) => numbersOf(line.points, 'count').map((count) => count ?? 0));
  if (counts.length === 0) return false;
  const filled = counts.filter((count) => count > 0).length;
  return counts.every((count) => count <= 1) || filled < counts.length / 4;
}

function bigNumberOf(
  { metric, see, answers, sight }: ViewInput,
  rows: LegendRow[],
  several: boolean,
): PanelView['big'] {
  const lines = answers[0]?.series ?? [];
  if (isAdditive(metric.type, see)) {
    const before = sumOf(rows.map((row) => row.before));
    const name = see === 'increase' ? 'added' : metric.type === 'histogram' ? 'observations' : 'samples';
    return { value: sumOf(rows.map(({ value }) => value)), before, name, isComparable: true };
  }
  if (metric.type === 'gauge') {
    const name = 'last';
    // A line that has ended no longer counts, unless all have ended.
    const last = (all: readonly (Line['points'] | undefined)[]) => {
      const values = all.map((points) => numbersOf(points, several ? name : undefined));
      return sumOf(values.map((numbers) => numbers.at(-1) ?? null)) ?? sumOf(values.map(lastOf));
    };
    return {
      value: last(lines.map(({ points }) => points)),
      before: last(lines.map(({ compare }) => compare)),
      name: metric.seriesCount > 1 ? 'last values, added up' : 'last value',
      isComparable: lines.some(({ compare }) => compare !== undefined),
    };
  }
  return {
    value: sumOf(rows.map(({ value }) => value)),
    before: sumOf(rows.map((row) => row.before)),
    name: see === 'rate' ? 'per second, in the last step' : sight.toLowerCase(),
    isComparable: rows.some((row) => row.before !== null),
  };
}
