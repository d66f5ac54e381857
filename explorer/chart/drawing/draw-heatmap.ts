import type uPlot from 'uplot';
import type { ChartModel } from '../model.js';
import { faded, type Paint } from './paint.js';

/** Draws the cells of a histogram: the more observations, the stronger the colour. */
export function drawHeatmap(plot: uPlot, model: ChartModel, paint: Paint): void {
  const { heatmap } = model;
  if (heatmap === undefined) return;
  const { ctx, bbox } = plot;
  const most = Math.max(1, ...heatmap.counts.map((cells) => Math.max(0, ...cells)));
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  const gap = devicePixelRatio;
  for (const [index, cells] of heatmap.counts.entries()) {
    const left = Math.round(plot.valToPos(model.times[index]!, 'x', true));
    const right = Math.round(plot.valToPos(model.ends[index]!, 'x', true));
    for (const [row, count] of cells.entries()) {
      if (count <= 0) continue;
      const top = Math.round(plot.valToPos(row + 1, 'y', true));
      const bottom = Math.round(plot.valToPos(row, 'y', true));
      // The square root keeps cells with few observations visible beside cells with very many.
      ctx.fillStyle = faded(paint.lines[0]!, 0.1 + 0.8 * Math.sqrt(count / most));
      ctx.fillRect(left, top + gap, Math.max(right - left - gap, 1), Math.max(bottom - top - gap, 1));
    }
  }
  ctx.restore();
}
