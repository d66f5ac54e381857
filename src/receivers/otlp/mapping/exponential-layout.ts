/**
 * Number of octaves between the lowest and the highest bound. With four bounds for each octave, a histogram has 159 buckets. It
 * should not have more than 160, because each bucket is a series.
 */
const OCTAVES = 39;

/** The binary exponents of the lowest bound, by unit in UCUM's notation. */
const LOWEST: ReadonlyMap<string, number> = new Map([
  ['ns', 0],
  ['us', 0],
  ['ms', -10],
  ['By', 0],
]);

/** The lowest bound for all other units is about one millionth, so that seconds begin at a microsecond. */
const LOWEST_OF_OTHERS = -20;

/**
 * The bounds that all exponential histograms of one unit have in common, whatever their scales are. A client changes its scale
 * while values arrive. If its own bounds were used, new series would appear with every change, and the older ones would stop.
 */
export interface ExponentialLayout {
  readonly scale: number;
  /** The index of the lowest bound above zero: the bound with the index `i` is `2 ** (i / 2 ** scale)`. */
  readonly firstIndex: number;
  /** Zero, and then the bounds above zero in ascending order. */
  readonly bounds: readonly number[];
}

/**
 * The powers of two with the exponents 0, 1/4, 2/4 and 3/4. They are constants, because `Math.pow` may round differently in
 * another release of Node, and a bound that differs in its last bit would be another series.
 */
const QUARTERS = [1, 1.189207115002721, Math.SQRT2, 1.681792830507429] as const;

const layouts = new Map<string, ExponentialLayout>();

/**
 * Returns the layout for a unit.
 *
 * @param unit the unit as OpenTelemetry writes it
 * @param scale 0, 1 or 2; each octave has `2 ** scale` bounds
 */
export function layoutOf(unit: string, scale: number): ExponentialLayout {
  const lowest = LOWEST.get(unit.trim()) ?? LOWEST_OF_OTHERS;
  const key = `${lowest} ${scale}`;
  let layout = layouts.get(key);
  if (layout === undefined) layouts.set(key, (layout = createLayout(lowest, scale)));
  return layout;
}

function createLayout(lowest: number, scale: number): ExponentialLayout {
  const perOctave = 2 ** scale;
  const bounds = [0];
  for (let step = 0; step <= OCTAVES * perOctave; step++) {
    const quarter = (step % perOctave) * (QUARTERS.length / perOctave);
    bounds.push(QUARTERS[quarter]! * 2 ** (lowest + Math.floor(step / perOctave)));
  }
  return { scale, firstIndex: lowest * perOctave, bounds };
}
