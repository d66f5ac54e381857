import type { Line } from '../../api/types.js';
import type { ChartLine } from '../../chart/model.js';
import { formatNumber } from '../../format/number.js';
import { boundOf, heatmapOf, quantile, rowOf, type BucketCounts } from '../histogram-buckets.js';
import {
  drawnLines,
  extremesOf,
  keyOf,
  numbersOf,
  sortedRows,
  stepsOf,
  type LegendRow,
  type PanelView,
  type ViewInput,
} from './panel-view.js';

/**
 * The percentiles that are drawn over a heatmap. The slots only determine the dash patterns: the first percentile is a solid
 * line.
 */
const PERCENTILES: readonly (readonly [name: string, share: number, slot: number])[] = [
  ['p95', 0.95, 0],
  ['p50', 0.5, 6],
  ['p99', 0.99, 12],
];

const SHARES: Record<string, number> = { p50: 0.5, p95: 0.95, p99: 0.99 };

/** The buckets of one group of series over time. */
interface Group {
  line: Line;
  bounds: number[];
  /** For each step, the number of observations up to each bound. */
  upTo: number[][];
  upToBefore: number[][] | null;
}

/** Returns the view of a histogram: its distribution, or a percentile of each group. */
export function histogramView(input: ViewInput): PanelView {
  const [answer] = input.answers;
  const groups = groupsOf(answer?.series ?? [], input.by);
  const steps = answer === undefined ? { times: [], ends: [], unfinished: [] } : stepsOf(answer);
  if (input.see === 'heatmap') return heatmapView(input, groups[0], steps);
  return { ...percentileView(input, groups, steps), linesTotal: answer?.linesTotal ?? null };
}

function heatmapView({ metric, isComparing }: ViewInput, group: Group | undefined, steps: Steps): PanelView {
  const bounds = group?.bounds ?? [];
  const heatmap = heatmapOf(bounds, group?.upTo ?? []);
  const percentiles = PERCENTILES.map(([name, share, slot]) => {
    const values = overTime(share, bounds, group?.upTo ?? []);
    const before = group?.upToBefore ? overTime(share, bounds, group.upToBefore) : null;
    return { name, slot, values, before, share };
  });
  const toRow = (value: number | null) => (value === null ? null : rowOf(value, heatmap));
  const rows = percentiles.map(({ name, slot, values, share }): LegendRow => ({
    key: name,
    name,
    labels: {},
    others: null,
    slot,
    value: overAll(share, bounds, group?.upTo ?? []),
    before: group?.upToBefore ? overAll(share, bounds, group.upToBefore) : null,
    ...extremesOf(values),
  }));
  const lines = percentiles.map(({ name, slot, values, before }) => {
    const line: ChartLine = { key: name, name, slot, values: values.map(toRow), shown: values };
    if (isComparing && before !== null && name === 'p95') line.before = before.map(toRow);
    return line;
  });
  return {
    model: {
      kind: 'heatmap',
      ...steps,
      heatmap,
      lines,
      unit: metric.unit,
    },
    big: bigNumberOf(group === undefined ? [] : [group]),
    rows,
    isTotal: false,
    valueName: 'Whole range',
    linesTotal: null,
  };
}

function percentileView({ see, by, metric, isComparing, sight }: ViewInput, groups: Group[], steps: Steps): PanelView {
  const share = SHARES[see] ?? 0.95;
  const drawn = drawnLines(
    groups.map(({ line, bounds, upTo, upToBefore }) => ({
      line,
      values: overTime(share, bounds, upTo),
      before: upToBefore === null ? null : overTime(share, bounds, upToBefore),
      value: overAll(share, bounds, upTo),
      valueBefore: upToBefore === null ? null : overAll(share, bounds, upToBefore),
    })),
    { by, alone: sight, isComparing },
  );
  return {
    model: { kind: 'lines', ...steps, lines: drawn.map(({ chart }) => chart), unit: metric.unit },
    big: bigNumberOf(groups),
    rows: sortedRows(drawn),
    isTotal: false,
    valueName: 'Whole range',
    linesTotal: null,
  };
}

/** Returns the 95th percentile over time for each value of a label. */
export function percentilesByValue(lines: readonly Line[], label: string): Map<string, (number | null)[]> {
  return new Map(
    groupsOf(lines, [label])
      .filter(({ line }) => line.others === undefined)
      .map(({ line, bounds, upTo }) => [line.labels[label] ?? '', overTime(0.95, bounds, upTo)]),
  );
}

type Steps = ReturnType<typeof stepsOf>;

function groupsOf(lines: readonly Line[], by: readonly string[]): Group[] {
  const found = new Map<string, { line: Line; parts: { bound: number; line: Line }[] }>();
  for (const line of lines) {
    const { le = '', ...rest } = line.labels;
    const bound = boundOf(le);
    if (Number.isNaN(bound)) continue;
    const labels = line.others === undefined ? Object.fromEntries(by.map((label) => [label, rest[label] ?? ''])) : {};
    const group = found.get(keyOf({ ...line, labels })) ?? { line: { ...line, labels }, parts: [] };
    group.parts.push({ bound, line });
    found.set(keyOf(group.line), group);
  }
  return [...found.values()].map(({ line, parts }) => {
    parts.sort((one, other) => (one.bound === other.bound ? 0 : one.bound - other.bound));
    const columns = parts.map((part) => numbersOf(part.line.points));
    const earlier = parts.map((part) => numbersOf(part.line.compare));
    const upTo = transposed(columns);
    return {
      line,
      bounds: parts.map(({ bound }) => bound),
      upTo,
      upToBefore: parts[0]?.line.compare === undefined ? null : transposed(earlier),
    };
  });
}

function transposed(columns: readonly (readonly (number | null)[])[]): number[][] {
  return (columns[0] ?? []).map((_, index) => columns.map((column) => column[index] ?? 0));
}

function overTime(share: number, bounds: readonly number[], upTo: readonly (readonly number[])[]): (number | null)[] {
  return upTo.map((counts) => quantile(share, { bounds, upTo: counts }));
}

function overAll(share: number, bounds: readonly number[], upTo: readonly (readonly number[])[]): number | null {
  return quantile(share, { bounds, upTo: summed(bounds, upTo) });
}

function summed(bounds: readonly number[], upTo: readonly (readonly number[])[]): number[] {
  return bounds.map((_, row) => upTo.reduce((sum, counts) => sum + (counts[row] ?? 0), 0));
}

/**
 * Returns the sums of the counts of several groups over all steps. Groups can have different bounds, so the counts are added for
 * each bound.
 */
function together(groups: readonly Group[], countsOf: (group: Group) => readonly (readonly number[])[]): BucketCounts {
  const totals = new Map<number, number>();
  for (const group of groups) {
    for (const [row, count] of summed(group.bounds, countsOf(group)).entries()) {
      const bound = group.bounds[row]!;
      totals.set(bound, (totals.get(bound) ?? 0) + count);
    }
  }
  const sorted = [...totals].toSorted(([one], [other]) => (one === other ? 0 : one - other));
  return { bounds: sorted.map(([bound]) => bound), upTo: sorted.map(([, count]) => count) };
}

function bigNumberOf(groups: readonly Group[]): PanelView['big'] {
  const now = together(groups, ({ upTo }) => upTo);
  const isComparable = groups.some(({ upToBefore }) => upToBefore !== null);
  const before = isComparable ? together(groups, ({ upToBefore }) => upToBefore ?? []) : null;
  return {
    value: quantile(0.95, now),
    before: before === null ? null : quantile(0.95, before),
    name: 'p95, which 95% of observations do not exceed',
    more: `${formatNumber(now.upTo.at(-1) ?? 0)} in all`,
    isComparable,
  };
}
