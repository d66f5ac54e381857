/** One line of a chart, or one layer of its bars. */
export interface ChartLine {
  /** Identifies the line while its values change. */
  key: string;
  name: string;
  /** Which of the six colours, and in which round of them. Null is the colour of what has no place of its own. */
  slot: number | null;
  /** One number for each time. Null is a gap. */
  values: (number | null)[];
  /** The numbers that people read, where `values` are places on the axis of a heatmap. */
  shown?: (number | null)[];
  /** The range of the samples, which is drawn as a band. */
  low?: (number | null)[];
  high?: (number | null)[];
  /** The numbers of the period before. */
  before?: (number | null)[];
}

/** The cells of a heatmap: how many observations are in each bucket of a histogram, at each time. */
export interface Heatmap {
  /** The upper bounds of the rows, from the lowest. */
  bounds: number[];
  /** The lower bound of the lowest row. */
  floor: number;
  /** For each time, the observations of each row. */
  counts: number[][];
}

/** Everything that a chart draws. */
export interface ChartModel {
  kind: 'bars' | 'lines' | 'steps' | 'heatmap';
  /** The starts of the steps, in seconds since the epoch. */
  times: number[];
  /** The ends of the steps. */
  ends: number[];
  /** Steps whose numbers may still change, or that the range covers only in part. */
  unfinished: boolean[];
  lines: ChartLine[];
  heatmap?: Heatmap;
  unit: string | null;
  /** Whether each number is of one moment, as in PromQL, and not of a whole step. */
  isOfMoments?: boolean;
  /** Times of single pushes, in seconds, drawn as ticks below the chart. */
  pushes?: number[];
}

/** Returns the sum of all layers at each time. */
export function stackedTotals(lines: readonly { values: (number | null)[] }[], length: number): number[] {
  return Array.from({ length }, (_, index) => lines.reduce((sum, { values }) => sum + (values[index] ?? 0), 0));
}

/** As many layers as have a colour of their own. */
const MOST_LAYERS = 6;

/** Returns the lines as they are stacked: the first ones alone, and the sum of all others above them. */
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

/** Returns the time until which a number counts, which is its own time where it is of one moment. */
export function endOf({ times, ends, isOfMoments }: ChartModel, index: number): number {
  return (isOfMoments ? times[index] : ends[index]) ?? 0;
}
