import type uPlot from 'uplot';
import type { Paint } from './paint.js';

/**
 * The height of the strip in which {@link drawPushes} draws, in CSS pixels. The strip lies between the chart and the texts of its
 * time axis.
 */
export const PUSHES_HEIGHT = 14;

/** Draws a tick below the chart for each push. The times are in seconds since the epoch. */
export function drawPushes(plot: uPlot, times: readonly number[], paint: Paint): void {
  const { ctx, bbox } = plot;
  const top = bbox.top + bbox.height + 4 * devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = paint.muted;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  for (const at of times) {
    const x = Math.round(plot.valToPos(at, 'x', true)) + 0.5;
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.moveTo(x, top);
    ctx.lineTo(x, top + 8 * devicePixelRatio);
  }
  ctx.stroke();
  ctx.restore();
}
