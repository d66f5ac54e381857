/** One line of a chart, or one layer of its bars. */
export interface ChartLine {
  /** Identifies the line while its values change. */
  key: string;
  name: string;
  /** The slot of the line (see `slotsOf`). Null is the neutral colour, for lines without a slot. */
  slot: number | null;
  /** One number for each time. Null is a gap. */
  values: (number | null)[];
  /** The numbers to show to people if `values` are positions on the axis of a heatmap. */
  shown?: (number | null)[];
  /** The range of the samples, which is drawn as a band. */
  low?: (number | null)[];
  high?: (number | null)[];
  /** The numbers of the previous period. */
  before?: (number | null)[];
  /** The places where stale markers have ended the series of the line. */
  ends?: LineEnd[];
}

/** A point at which stale markers have ended a line. */
export interface LineEnd {
  /** The index of the step in which the last series ended. */
  step: number;
  /** Where the line ends, in seconds since the epoch. */
  at: number;
  value: number;
}

/** The cells of a heatmap. Each is the number of observations in one bucket of a histogram during one step. */
export interface Heatmap {
  /** The upper bounds of the rows, from the lowest. */
  bounds: number[];
  /** The lower bound of the lowest row. */
  floor: number;
  /** For each step, the number of observations in each row. */
  counts: number[][];
}

/** Everything that a chart draws. */
export interface ChartModel {
  kind: 'bars' | 'lines' | 'steps' | 'heatmap';
  /** The starts of the steps, in seconds since the epoch. */
  times: number[];
  /** The ends of the steps. */
  ends: number[];
  /** For each step, whether its numbers may still change, or whether the range covers only a part of it. */
  unfinished: boolean[];
  lines: ChartLine[];
  heatmap?: Heatmap;
  unit: string | null;
  /** Whether each number belongs to a moment, as in PromQL, instead of a whole step. */
  isOfMoments?: boolean;
  /** Times of single pushes, in seconds, drawn as ticks below the chart. */
  pushes?: number[];
}

/** Returns the sum of all layers at each time. */
export function stackedTotals(lines: readonly { values: (number | null)[] }[], length: number): number[] {
  return Array.from({ length }, (_, index) => lines.reduce((sum, { values }) => sum + (values[index] ?? 0), 0));
}

/** Maximum number of layers with a colour of their own. All other lines share one more layer. */
const MOST_LAYERS = 6;

/** Returns the layers of a stack: the first lines, and above them the sum of all others. */
export function layersOf(lines: readonly ChartLine[]): ChartLine[] {
  const own = lines.filter(({ slot }) => slot !== null).slice(0, MOST_LAYERS);
  const others = lines.filter((line) => !own.includes(line));
  if (others.length === 0) return own;
  const length = lines[0]?.values.length ?? 0;
  const layer: ChartLine = { key: 'others', name: 'others', slot: null, values: stackedTotals(others, length) };
  if (others.some(({ before }) => before !== undefined)) {
    layer.before = stackedTotals(
      others.map(({ before }) => ({ values: before ?? [] })),
      length,
    );
  }
  return [...own, layer];
}

/** Returns the indices of the numbers that have a gap on both sides, so that no line connects them with other numbers. */
export function isolatedIn(values: ArrayLike<number | null | undefined>): number[] {
  const isGap = (index: number) => values[index] == null;
  return Array.from(values, (_, index) => index).filter(
    (index) => !isGap(index) && isGap(index - 1) && isGap(index + 1),
  );
}

/** Returns whether the series of a line were ended by stale markers within a step. */
export function isEndedIn({ ends }: ChartLine, step: number): boolean {
  return ends?.some((end) => end.step === step) ?? false;
}

/** Returns the end of the time that a number covers. For a moment, this is the moment itself. */
export function endOf({ times, ends, isOfMoments }: ChartModel, index: number): number {
  return (isOfMoments ? times[index] : ends[index]) ?? 0;
}
