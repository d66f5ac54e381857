import uPlot from 'uplot';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { zone } from '../router/view.js';
import { themeVersion } from '../style/theme.js';
import type { ChartModel } from './model.js';
import { readPaint } from './drawing/paint.js';
import styles from './chart.module.css';
import { plotData, plotOptions } from './plot-options.js';
import { Tooltip, type Hover } from './tooltip.js';

/** The operations with which the keyboard controls a plot. */
export interface PlotHandle {
  moveTo: (index: number | null) => void;
  /** Highlights the steps that a person has selected. Null removes the highlight. */
  select: (steps: readonly [first: number, last: number] | null) => void;
}

/** The canvas of a chart, with a cursor and a selection that it shares with all charts of the page. */
export function Plot({
  model,
  height,
  onZoom,
  onReset,
  handle,
}: {
  model: ChartModel;
  height: number;
  onZoom: (from: number, to: number) => void;
  onReset: () => void;
  handle: { current: PlotHandle | null };
}) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef({ model, onZoom, onReset });
  latest.current = { model, onZoom, onReset };
  const [hover, setHover] = useState<Hover | null>(null);
  const [width, setWidth] = useState(0);

  useLayoutEffect(() => {
    const element = host.current;
    if (element === null) return undefined;
    // Only the width follows the element. The height is fixed, because a plot whose height depends on its content would grow
    // endlessly.
    const observer = new ResizeObserver(() => setWidth(Math.floor(element.clientWidth)));
    observer.observe(element);
    setWidth(Math.floor(element.clientWidth));
    return () => observer.disconnect();
  }, []);

  const shape = JSON.stringify([
    model.kind,
    model.unit,
    model.heatmap?.bounds.length,
    (model.pushes?.length ?? 0) > 0,
    model.lines.map(({ key, slot, low, before }) => [key, slot, low !== undefined, before !== undefined]),
    zone.value,
    themeVersion.value,
    height,
  ]);

  useLayoutEffect(() => {
    const element = host.current;
    if (element === null || width === 0) return undefined;
    const created = new uPlot(
      plotOptions({
        model: () => latest.current.model,
        paint: readPaint(),
        zone: zone.peek(),
        width,
        height,
        onCursor: (plot) => setHover(hoverOf(plot)),
        onSelect: (plot) => {
          const { left, width } = plot.select;
          // The selection is shared, so every plot is notified. Only the one under the pointer may zoom.
          if (width > 0 && plot.over.matches(':hover')) {
            latest.current.onZoom(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'));
          }
          if (width > 0) plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
        onReset: () => latest.current.onReset(),
      }),
      plotData(latest.current.model),
      element,
    );
    plot.current = created;
    handle.current = {
      moveTo: (index) => moveCursor(created, latest.current.model, index),
      select: (steps) => markSteps(created, latest.current.model, steps),
    };
    return () => {
      handle.current = null;
      plot.current = null;
      created.destroy();
    };
  }, [shape, width > 0]);

  useEffect(() => {
    if (width > 0) plot.current?.setSize({ width, height });
  }, [width, height]);

  useEffect(() => {
    plot.current?.setData(plotData(model));
  }, [model]);

  return (
    <div ref={host} class={styles.plot} data-height={height}>
      {hover !== null && <Tooltip hover={hover} model={model} />}
    </div>
  );
}

function hoverOf(plot: uPlot): Hover | null {
  const { idx, left, top } = plot.cursor;
  if (idx == null || left == null || top == null || left < 0) return null;
  const box = plot.over;
  return {
    index: idx,
    left: left + box.offsetLeft,
    top: top + box.offsetTop,
    width: plot.width,
    height: plot.height,
    isHere: box.matches(':hover') || plot.root.closest('figure')?.matches(':focus-visible') === true,
    value: plot.posToVal(top, 'y'),
  };
}

function moveCursor(plot: uPlot, model: ChartModel, index: number | null): void {
  if (index === null) {
    plot.setCursor({ left: -10, top: -10 });
    return;
  }
  const at = (model.times[index]! + model.ends[index]!) / 2;
  const value = model.kind === 'heatmap' ? 0.5 : (model.lines[0]?.values[index] ?? 0);
  plot.setCursor({ left: plot.valToPos(at, 'x'), top: plot.valToPos(value, 'y') });
}

function markSteps(plot: uPlot, model: ChartModel, steps: readonly [first: number, last: number] | null): void {
  const left = steps === null ? 0 : plot.valToPos(model.times[steps[0]]!, 'x');
  const right = steps === null ? 0 : plot.valToPos(model.ends[steps[1]]!, 'x');
  const height = steps === null ? 0 : plot.over.clientHeight;
  plot.setSelect({ left, top: 0, width: right - left, height }, false);
}
