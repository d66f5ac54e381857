import { ChevronLeft, ChevronRight, ZoomIn, ZoomOut } from 'lucide';
import { useEffect, useRef, useState } from 'preact/hooks';
import { formatFull } from '../format/number.js';
import { Icon } from '../icons/icon.js';
import { zone } from '../router/view.js';
import controls from '../style/controls.module.css';
import { formatStep } from './axes.js';
import styles from './chart.module.css';
import { endOf, isEndedIn, type ChartModel } from './model.js';
import { Plot, type PlotHandle } from './plot.js';

/**
 * A screen reader reads a value only after the cursor has rested for this long, so that holding down a key does not queue up
 * sentences.
 */
const SPEAK_MS = 300;

/** A chart that can also be read and zoomed with the keyboard. */
export function ChartFigure({
  model,
  summary,
  isLoading,
  height,
  onZoom,
  onReset,
  onMove,
}: {
  model: ChartModel;
  /** A sentence that describes the chart. */
  summary: string;
  isLoading: boolean;
  height: number;
  onZoom: (from: number, to: number) => void;
  onReset: () => void;
  /** Moves the range by a fraction of its length. */
  onMove: (share: number) => void;
}) {
  const plot = useRef<PlotHandle | null>(null);
  const [cursor, setCursor] = useState<number | null>(null);
  const [anchor, setAnchor] = useState<number | null>(null);
  const [spoken, setSpoken] = useState('');
  const last = model.times.length - 1;

  useEffect(() => {
    if (cursor === null) return undefined;
    const timer = setTimeout(() => setSpoken(sentenceAt(model, Math.min(cursor, last), anchor)), SPEAK_MS);
    return () => clearTimeout(timer);
  }, [cursor, anchor]);

  const moveTo = (index: number, keepsAnchor: boolean) => {
    const to = Math.max(0, Math.min(last, index));
    const from = keepsAnchor ? (anchor ?? cursor ?? to) : null;
    setAnchor(from);
    setCursor(to);
    plot.current?.moveTo(to);
    plot.current?.select(from === null ? null : [Math.min(from, to), Math.max(from, to)]);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const from = cursor ?? last;
    if (event.key === 'ArrowLeft') moveTo(cursor === null ? last : from - 1, event.shiftKey);
    else if (event.key === 'ArrowRight') moveTo(from + 1, event.shiftKey);
    else if (event.key === 'Home') moveTo(0, event.shiftKey);
    else if (event.key === 'End') moveTo(last, event.shiftKey);
    else if (event.key === 'Enter' && cursor !== null) {
      const [first, second] = [Math.min(cursor, anchor ?? cursor), Math.max(cursor, anchor ?? cursor)];
      setAnchor(null);
      plot.current?.select(null);
      onZoom(model.times[first]!, model.ends[second]!);
    } else if (event.key === 'Escape') {
      if (cursor === null) onReset();
      setCursor(null);
      setAnchor(null);
      plot.current?.moveTo(null);
      plot.current?.select(null);
    } else return;
    event.preventDefault();
  };

  return (
    <>
      <figure
        class={styles.figure}
        tabIndex={0}
        aria-label={`${summary} The arrow keys read the values, Shift with the arrow keys selects, Enter zooms in and Escape zooms out.`}
        data-loading={isLoading}
        onKeyDown={onKeyDown}
      >
        <Plot model={model} height={height} onZoom={onZoom} onReset={onReset} handle={plot} />
        <span class="visually-hidden" role="status">
          {spoken}
        </span>
      </figure>
      <div class={styles.zoom}>
        <ZoomButton icon={ZoomIn} label="Zoom in" onClick={() => onZoom(...middle(model, 0.25))} />
        <ZoomButton icon={ZoomOut} label="Zoom out" onClick={() => onZoom(...middle(model, -0.5))} />
        <ZoomButton icon={ChevronLeft} label="Earlier" onClick={() => onMove(-0.5)} />
        <ZoomButton icon={ChevronRight} label="Later" onClick={() => onMove(0.5)} />
      </div>
    </>
  );
}

function ZoomButton({ icon, label, onClick }: { icon: typeof ZoomIn; label: string; onClick: () => void }) {
  return (
    <button
      type="button"
      class={`${controls.button} ${controls.icon}`}
      aria-label={label}
      title={label}
      onClick={onClick}
    >
      <Icon of={icon} />
    </button>
  );
}

/** Returns the chart's range without the given fraction at each end. A negative fraction extends it. */
function middle({ times, ends }: ChartModel, share: number): [number, number] {
  const [from, to] = [times[0] ?? 0, ends.at(-1) ?? 1];
  const cut = (to - from) * share;
  return [from + cut, to - cut];
}

function sentenceAt(model: ChartModel, index: number, anchor: number | null): string {
  const parts = model.lines
    .map((line) => ({
      name: line.name,
      value: (line.shown ?? line.values)[index] ?? null,
      hasEnded: isEndedIn(line, index),
    }))
    .filter(({ value, hasEnded }) => value !== null || hasEnded)
    .slice(0, 5)
    .map(({ name, value, hasEnded }) => {
      const texts = [...(value === null ? [] : [formatFull(value, model.unit)]), ...(hasEnded ? ['ended'] : [])];
      return `${model.lines.length > 1 ? `${name}: ` : ''}${texts.join(', ')}`;
    });
  const text = `${formatStep(model.times[index]!, endOf(model, index), zone.value)}: ${parts.join(', ') || 'no value'}.`;
  const selected = anchor === null ? 0 : Math.abs(anchor - index) + 1;
  return selected > 1 ? `${text} ${selected} steps selected.` : text;
}
