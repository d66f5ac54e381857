/** The size of the drawing, which is stretched to the size of its element. */
const WIDTH = 240;
const HEIGHT = 48;

/** A small chart without texts: bars, or a curve. If its range begins at zero, it has a line at the bottom. */
export function SmallChart({
  className,
  values,
  isBars,
  low = 0,
  high,
}: {
  className: string | undefined;
  values: readonly (number | null)[];
  isBars: boolean;
  /** The range of the values, from the bottom of the chart to its top. */
  low?: number;
  high: number;
}) {
  const share = (value: number) => (value - low) / (high - low || 1);
  return (
    <svg class={className} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {low === 0 && <line x1="0" x2={WIDTH} y1={HEIGHT - 1} y2={HEIGHT - 1} stroke="var(--border)" stroke-width="2" />}
      {isBars ? (
        <path d={barsOf(values, share)} fill="var(--line-1)" />
      ) : (
        <path
          d={curveOf(values, share)}
          fill="none"
          stroke="var(--line-1)"
          stroke-width="2"
          vector-effect="non-scaling-stroke"
          stroke-linejoin="round"
        />
      )}
    </svg>
  );
}

function barsOf(values: readonly (number | null)[], share: (value: number) => number): string {
  const slot = WIDTH / values.length;
  const width = Math.max(slot * 0.72, 1);
  return values
    .map((value, index) => {
      if (value === null || value <= 0) return '';
      const height = Math.max(2, share(value) * HEIGHT);
      return `M${index * slot} ${HEIGHT}v${-height}h${width}v${height}z`;
    })
    .join('');
}

function curveOf(values: readonly (number | null)[], share: (value: number) => number): string {
  const slot = WIDTH / Math.max(values.length - 1, 1);
  let path = '';
  let isPenDown = false;
  for (const [index, value] of values.entries()) {
    if (value === null) {
      isPenDown = false;
      continue;
    }
    path += `${isPenDown ? 'L' : 'M'}${(index * slot).toFixed(1)} ${(HEIGHT - 4 - share(value) * (HEIGHT - 8)).toFixed(1)}`;
    // A single point is drawn as a short line, because a line without a length would be invisible.
    if (!isPenDown && (values[index + 1] ?? null) === null) path += `h${Math.max(slot, 2)}`;
    isPenDown = true;
  }
  return path;
}
