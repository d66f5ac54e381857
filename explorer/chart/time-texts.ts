import type uPlot from 'uplot';

/** The font of all texts of a chart. Its size is in CSS pixels. */
export const FONT = '12px system-ui, sans-serif';

/** Minimum distance between two texts, in CSS pixels. */
const APART = 10;

/**
 * Minimum distance between a text and the edge of the chart, in CSS pixels. Some letters extend a little beyond their measured
 * width.
 */
const EDGE = 2;

/** The ticks of a time axis with their texts. */
export interface TimeTexts {
  /** The times of the ticks, in seconds since the epoch. */
  times: readonly number[];
  texts: readonly string[];
}

/** The position of a tick and the width of its text, in CSS pixels. */
export interface Measured {
  middle: number;
  width: number;
}

/**
 * Returns the left edge of each text below a time axis, or null if the text would come too close to the one before it. A text is
 * centred below its tick, unless it would then extend beyond the chart.
 *
 * @param room the width of the chart, in CSS pixels
 */
export function leftEdgesOf(texts: readonly Measured[], room: number): (number | null)[] {
  let taken = -Infinity;
  return texts.map(({ middle, width }) => {
    const left = Math.max(EDGE, Math.min(middle - width / 2, room - width - EDGE));
    if (left < taken) return null;
    taken = left + width + APART;
    return left;
  });
}

/**
 * Draws the texts of a time axis. uPlot itself would centre each text below its tick and cut it off at the edge of the chart, and
 * the texts of some languages are long.
 *
 * @param gap the distance between the chart and its texts, in CSS pixels
 */
export function drawTimeTexts(plot: uPlot, { times, texts }: TimeTexts, colour: string, gap: number): void {
  const { ctx, bbox, width } = plot;
  ctx.save();
  ctx.scale(devicePixelRatio, devicePixelRatio);
  ctx.font = FONT;
  ctx.fillStyle = colour;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'top';
  const top = (bbox.top + bbox.height) / devicePixelRatio + gap;
  const measured = times.map((at, index) => ({
    middle: plot.valToPos(at, 'x', true) / devicePixelRatio,
    width: ctx.measureText(texts[index]!).width,
  }));
  for (const [index, left] of leftEdgesOf(measured, width).entries()) {
    if (left !== null) ctx.fillText(texts[index]!, left, top);
  }
  ctx.restore();
}

/** Returns the width of a text of a chart, in CSS pixels. */
export function widthOf(text: string, { ctx }: uPlot): number {
  ctx.save();
  ctx.font = FONT;
  const { width } = ctx.measureText(text);
  ctx.restore();
  return width;
}
