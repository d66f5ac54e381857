import type uPlot from 'uplot';
import type { ChartModel } from '../model.js';
import { colourOf, dashOf, type Paint } from './paint.js';

const RADIUS = 4;

/**
 * Draws a hollow dot where stale markers have ended the series of a line. A gap without a dot only means that nothing was pushed.
 */
export function drawEnds(plot: uPlot, { kind, times, lines }: ChartModel, paint: Paint): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.fillStyle = paint.surface;
  for (const { slot, ends = [] } of lines) {
    ctx.strokeStyle = colourOf(paint, slot);
    for (const { step, at, value } of ends) {
      const x = plot.valToPos(at, 'x', true);
      const y = plot.valToPos(value, 'y', true);
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      if (kind === 'steps' && at === times[step]) {
        // uPlot draws the last step of a line only as a point, because no other point follows.
        ctx.setLineDash(dashOf(slot).map((length) => length * devicePixelRatio));
        ctx.beginPath();
        ctx.moveTo(plot.valToPos(times[step - 1] ?? at, 'x', true), y);
        ctx.lineTo(x, y);
        ctx.stroke();
        ctx.setLineDash([]);
      }
      ctx.beginPath();
      ctx.arc(x, y, RADIUS * devicePixelRatio, 0, 2 * Math.PI);
      ctx.fill();
      ctx.stroke();
    }
  }
  ctx.restore();
}
