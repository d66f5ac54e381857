import uPlot from 'uplot';
import { formatNumber } from '../format/number.js';
import type { Zone } from '../format/time.js';
import { ticksOf } from '../format/unit.js';
import { numberTicks, timeTicks } from './axes.js';
import { drawBars } from './drawing/draw-bars.js';
import { drawEnds } from './drawing/draw-ends.js';
import { drawHeatmap } from './drawing/draw-heatmap.js';
import { drawPushes, PUSHES_HEIGHT } from './drawing/draw-pushes.js';
import { isolatedIn, stackedTotals, type ChartModel } from './model.js';
import { colourOf, dashOf, faded, type Paint } from './drawing/paint.js';
import { drawTimeTexts, FONT, widthOf, type TimeTexts } from './time-texts.js';

/** The inputs of a plot. The model is a function, because it changes when newer points arrive. */
export interface PlotSource {
  model: () => ChartModel;
  paint: Paint;
  zone: Zone;
  width: number;
  height: number;
  onCursor: (plot: uPlot) => void;
  onSelect: (plot: uPlot) => void;
  onReset: () => void;
}

/** The key by which all plots of a page share their cursor and their selection. */
const SYNC = 'explorer';

/**
 * Returns the columns of the plot: the times, and then each line with its previous period and its band. For bars, the columns are
 * only the times and the lines, because `drawBars` takes everything else from the model.
 */
export function plotData(model: ChartModel): uPlot.AlignedData {
  const columns: (number | null)[][] = [];
  for (const line of model.lines) {
    columns.push(line.values.map(finite));
    if (model.kind === 'bars') continue;
    if (line.before !== undefined) columns.push(line.before.map(finite));
    if (line.low !== undefined && line.high !== undefined) columns.push(line.low.map(finite), line.high.map(finite));
  }
  return [placesOf(model), ...columns] as uPlot.AlignedData;
}

/**
 * Returns the positions of the numbers on the time axis. The number of a step is at the middle of the step, unless bars or steps
 * are drawn, which begin at the start of their step. The number of a moment is at that moment.
 */
function placesOf({ kind, times, ends, isOfMoments }: ChartModel): number[] {
  if (kind === 'bars' || kind === 'steps' || isOfMoments) return times;
  return times.map((start, index) => (start + ends[index]!) / 2);
}

/** Replaces NaN and infinite numbers with gaps, because a canvas can't draw them. The table still shows them. */
function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}

/** Returns the series of a plot in the order of its columns, and the bands between them. */
function seriesOf(model: ChartModel, paint: Paint): { series: uPlot.Series[]; bands: uPlot.Band[] } {
  const series: uPlot.Series[] = [{}];
  const bands: uPlot.Band[] = [];
  const paths = model.kind === 'steps' ? uPlot.paths.stepped!({ align: 1 }) : uPlot.paths.linear!();
  for (const line of model.lines) {
    if (model.kind === 'bars') {
      series.push({ paths: () => null, points: { show: false } });
      continue;
    }
    const colour = model.kind === 'heatmap' ? paint.lines[1]! : colourOf(paint, line.slot);
    const isSparse = model.lines.length <= 3 && line.values.filter((value) => value !== null).length <= 60;
    series.push({
      stroke: colour,
      width: 2,
      dash: dashOf(line.slot),
      paths,
      spanGaps: false,
      // A number between two gaps would be invisible without its point.
      points: {
        size: 5,
        ...(isSparse && model.kind !== 'heatmap'
          ? {}
          : { show: true, filter: (plot, index) => isolatedIn(plot.data[index] ?? []) }),
      },
    });
    if (line.before !== undefined) {
      series.push({ stroke: faded(colour, 0.75), width: 1.5, dash: [5, 4], paths, points: { show: false } });
    }
    if (line.low !== undefined && line.high !== undefined) {
      const edge: uPlot.Series = { stroke: 'transparent', width: 0, paths, points: { show: false } };
      series.push(edge, { ...edge });
      bands.push({ series: [series.length - 1, series.length - 2], fill: faded(colour, 0.16) });
    }
  }
  return { series, bands };
}

/** Returns the options with which uPlot draws a model. */
export function plotOptions(source: PlotSource): uPlot.Options {
  const { paint, zone } = source;
  const model = source.model();
  const isHeatmap = model.kind === 'heatmap';
  const axis: uPlot.Axis = {
    stroke: paint.muted,
    font: FONT,
    grid: { stroke: paint.grid, width: 1 },
    ticks: { show: false },
  };
  const hasPushes = (model.pushes?.length ?? 0) > 0;
  const gap = hasPushes ? PUSHES_HEIGHT + 4 : 6;
  let timeTexts: TimeTexts = { times: [], texts: [] };
  return {
    width: source.width,
    height: source.height,
    padding: [12, 12, 0, 4],
    legend: { show: false },
    ...(zone === 'utc' ? { tzDate: (at: number) => uPlot.tzDate(new Date(at * 1000), 'Etc/UTC') } : {}),
    cursor: {
      sync: { key: SYNC, setSeries: false },
      drag: { x: true, y: false, setScale: false, dist: 6 },
      points: model.kind === 'bars' || isHeatmap ? { show: false } : { size: 8 },
      bind: {
        dblclick: () => () => {
          source.onReset();
          return null;
        },
      },
      // The cursor selects the step that contains it, and not the step with the nearest start.
      dataIdx: (_plot, _series, _closest, at) => stepAt(source.model(), at),
    },
    scales: {
      x: { time: true, range: () => xRange(source.model()) },
      y: { range: (_plot, low, high) => yRange(source.model(), low, high) },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        gap,
        size: hasPushes ? 30 + PUSHES_HEIGHT : 30,
        space: 74,
        // uPlot draws no texts on this axis. `drawTimeTexts` draws them afterwards, where they have room.
        values: (_plot, times, _axis, _space, apart) => {
          timeTexts = { times, texts: timeTicks(times, apart, zone) };
          return times.map(() => '');
        },
      },
      {
        ...axis,
        gap: 8,
        ...incrementsOf(model),
        // The text is null if the tick has no room for it.
        size: (plot, texts: (string | null)[] | null) =>
          Math.max(36, ...(texts ?? []).map((text) => widthOf(text ?? '', plot) + 12)),
        ...(isHeatmap
          ? {
              splits: () => Array.from({ length: (model.heatmap?.bounds.length ?? 0) + 1 }, (_, row) => row),
              values: (plot: uPlot, rows: number[]) => rowTicks(source.model(), rows, plot.height),
            }
          : { values: (_plot: uPlot, values: number[]) => numberTicks(values, source.model().unit) }),
      },
    ],
    ...seriesOf(model, paint),
    hooks: {
      drawAxes: [(plot) => drawTimeTexts(plot, timeTexts, paint.muted, gap)],
      drawClear: [(plot) => isHeatmap && drawHeatmap(plot, source.model(), paint)],
      draw: [
        (plot) => {
          if (model.kind === 'bars') drawBars(plot, source.model(), paint);
          else drawEnds(plot, source.model(), paint);
          if (hasPushes) drawPushes(plot, source.model().pushes ?? [], paint);
        },
      ],
      setCursor: [source.onCursor],
      setSelect: [source.onSelect],
    },
  };
}

/** The possible distances between the ticks of an axis that shows only whole numbers. */
const WHOLE_STEPS = Array.from({ length: 15 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();

/** Returns the possible distances between the ticks of the number axis, unless uPlot's defaults fit. */
function incrementsOf(model: ChartModel): { incrs?: number[] } {
  const ticks = ticksOf(model.unit);
  if (isWhole(model)) return { incrs: ticks?.filter((tick) => tick >= 1) ?? WHOLE_STEPS };
  return ticks === undefined ? {} : { incrs: ticks };
}

function isWhole({ kind, lines }: ChartModel): boolean {
  return (
    kind === 'bars' && lines.every(({ values }) => values.every((value) => value === null || Number.isInteger(value)))
  );
}

function stepAt({ times, ends }: ChartModel, at: number): number {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (times[middle]! <= at) low = middle;
    else high = middle - 1;
  }
  return at > (ends[low] ?? 0) ? Math.min(low + 1, times.length - 1) : low;
}

function xRange({ times, ends, isOfMoments }: ChartModel): [number, number] {
  const first = times[0] ?? 0;
  const last = (isOfMoments ? times.at(-1) : ends.at(-1)) ?? first;
  return [first, last > first ? last : first + 60];
}

function yRange(model: ChartModel, low: number | null, high: number | null): [number, number] {
  if (model.kind === 'heatmap') return [0, model.heatmap?.bounds.length ?? 1];
  if (model.kind === 'bars') {
    const before = model.lines.map(({ before }) => ({ values: before ?? [] }));
    const most = Math.max(
      ...stackedTotals(model.lines, model.times.length),
      ...stackedTotals(before, model.times.length),
      0,
    );
    return [0, most > 0 ? most * 1.08 : 1];
  }
  const ended = model.lines.flatMap(({ ends = [] }) => ends.map(({ value }) => value));
  const [lowest, highest] = [Math.min(low ?? Infinity, ...ended), Math.max(high ?? -Infinity, ...ended)];
  if (lowest > highest) return [0, 1];
  // The axis begins at zero, so that differences are not exaggerated, unless a value is negative or all values are far from zero.
  const [bottom, top] = lowest >= 0 && lowest < highest * 0.6 ? [0, highest] : [lowest, highest];
  const room = (top - bottom || Math.abs(top) || 1) * 0.08;
  return [bottom === 0 && lowest >= 0 ? 0 : bottom - room, top + room];
}

function rowTicks(model: ChartModel, rows: readonly number[], height: number): (string | null)[] {
  const map = model.heatmap;
  if (map === undefined) return [];
  const every = Math.ceil((rows.length * 22) / Math.max(height - 60, 60));
  const bounds = rows.map((row) => (row === 0 ? map.floor : (map.bounds[row - 1] ?? 0)));
  const texts = bounds.map((bound) => formatNumber(bound, model.unit));
  return texts.map((text, row) => (row % every === 0 ? text : null));
}
