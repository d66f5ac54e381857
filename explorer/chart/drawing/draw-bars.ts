import type uPlot from 'uplot';
import { stackedTotals, type ChartModel } from '../model.js';
import { COLOURS } from '../line-slots.js';
import { colourOf, faded, type Paint } from './paint.js';

/** Maximum width of a bar, in CSS pixels. Wider bars look like blocks. */
const WIDEST = 90;

/**
 * Draws stacked bars, with a layer for each line. Bars of unfinished steps are hatched, and the previous period is a dashed
 * outline.
 */
export function drawBars(plot: uPlot, model: ChartModel, paint: Paint): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (let index = 0; index < model.times.length; index += 1) {
    const place = placeOf(plot, model, index);
    let sum = 0;
    for (const line of model.lines) {
      const value = line.values[index] ?? 0;
      if (value <= 0) continue;
      const bottom = plot.valToPos(sum, 'y', true);
      sum += value;
      const top = plot.valToPos(sum, 'y', true);
      const height = Math.max(bottom - top, 1);
      const colour = colourOf(paint, line.slot);
      const isLater = line.slot !== null && line.slot >= COLOURS;
      ctx.fillStyle = model.unfinished[index] ? faded(colour, 0.22) : isLater ? faded(colour, 0.5) : colour;
      ctx.fillRect(place.left, bottom - height, place.width, height);
      if (model.unfinished[index]) hatch(ctx, colour, place.left, bottom - height, place.width, height);
      // A thin line in the background colour separates the layers, also for people who can't distinguish their colours.
      if (model.lines.length > 1 && height > 4) {
        ctx.fillStyle = paint.surface;
        ctx.fillRect(place.left, bottom - height, place.width, devicePixelRatio);
      }
    }
  }
  drawBefore(plot, model, paint);
  ctx.restore();
}

/** Returns the left edge and the width of a step's bar, in canvas pixels. */
export function placeOf(plot: uPlot, model: ChartModel, index: number): { left: number; width: number } {
  const start = plot.valToPos(model.times[index]!, 'x', true);
  const end = plot.valToPos(model.ends[index]!, 'x', true);
  const gap = Math.min((end - start) * 0.22, 8 * devicePixelRatio);
  const width = Math.max(Math.min(end - start - gap, WIDEST * devicePixelRatio), 1);
  return { left: Math.round(start + (end - start - width) / 2), width: Math.max(Math.round(width), 1) };
}

function hatch(
  ctx: CanvasRenderingContext2D,
  colour: string,
  left: number,
  top: number,
  width: number,
  height: number,
) {
  const apart = 6 * devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.beginPath();
  // The lines are placed at fixed distances from the corner of the canvas, not of the bar, so that the lines of stacked layers
  // meet.
  const first = Math.floor((left + top) / apart) * apart;
  for (let sum = first; sum < left + width + top + height; sum += apart) {
    ctx.moveTo(sum - top, top);
    ctx.lineTo(sum - top - height, top + height);
  }
  ctx.stroke();
  ctx.strokeRect(left, top, width, height);
  ctx.restore();
}

function drawBefore(plot: uPlot, model: ChartModel, paint: Paint): void {
  if (!model.lines.some(({ before }) => before !== undefined)) return;
  const { ctx } = plot;
  const totals = stackedTotals(
    model.lines.map(({ before }) => ({ values: before ?? [] })),
    model.times.length,
  );
  ctx.strokeStyle = paint.text;
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  for (const [index, total] of totals.entries()) {
    const y = plot.valToPos(total, 'y', true);
    const left = plot.valToPos(model.times[index]!, 'x', true);
    const right = plot.valToPos(model.ends[index]!, 'x', true);
    if (index === 0) ctx.moveTo(left, y);
    else ctx.lineTo(left, y);
    ctx.lineTo(right, y);
  }
  ctx.stroke();
  ctx.setLineDash([]);
}
