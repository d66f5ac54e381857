/**
 * A unit in which the values of a family can be written, such as milliseconds. A value in the base unit of the family is divided
 * by `size`, and `name` is written after it.
 */
export interface Step {
  size: number;
  name: string;
}

/** A family of units, and how their values are written. The steps are ordered from the largest to the smallest. */
interface Family {
  /** The size of the unit in base units of the steps, such as 0.001 for milliseconds, whose base unit is the second. */
  base: number;
  steps: readonly Step[];
  /**
   * The possible distances between the ticks of an axis, in the base unit. If they are missing, those of plain numbers are used.
   */
  ticks?: readonly number[];
}

const SECONDS: readonly Step[] = [
  { size: 86_400, name: ' d' },
  { size: 3600, name: ' h' },
  { size: 60, name: ' min' },
  { size: 1, name: ' s' },
  { size: 1e-3, name: ' ms' },
  { size: 1e-6, name: ' µs' },
  { size: 1e-9, name: ' ns' },
];

const BYTES: readonly Step[] = [
  { size: 2 ** 60, name: ' EiB' },
  { size: 2 ** 50, name: ' PiB' },
  { size: 2 ** 40, name: ' TiB' },
  { size: 2 ** 30, name: ' GiB' },
  { size: 2 ** 20, name: ' MiB' },
  { size: 2 ** 10, name: ' KiB' },
  { size: 1, name: ' B' },
];

const PERCENT: readonly Step[] = [{ size: 0.01, name: '%' }];

/** Billions are written "bn", because "B" would look like bytes. */
const PLAIN: readonly Step[] = [
  { size: 1e12, name: ' tn' },
  { size: 1e9, name: ' bn' },
  { size: 1e6, name: ' M' },
  { size: 1e3, name: ' k' },
  { size: 1, name: '' },
];

const FRACTIONS = Array.from({ length: 9 }, (_, power) =>
  [1, 2, 5].map((digit) => Number(`${digit}e${power - 9}`)),
).flat();

/**
 * Ticks of times can be whole minutes, hours and days apart, and ticks of bytes a power of two apart, because the usual decimal
 * distances, such as 1,000, would not be round numbers in these units.
 */
const SECOND_TICKS = [
  ...FRACTIONS,
  ...[1, 60].flatMap((size) => [1, 2, 5, 10, 15, 30].map((count) => count * size)),
  ...[1, 2, 3, 6, 12].map((count) => count * 3600),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map((count) => count * 86_400),
];
const BYTE_TICKS = [...FRACTIONS, ...Array.from({ length: 70 }, (_, power) => 2 ** power)];

/** Units with steps of their own. Prometheus uses whole words, and OpenTelemetry uses UCUM codes. */
const FAMILIES: ReadonlyMap<string, Family> = new Map([
  ...names(['seconds', 'second', 's', 'sec'], 1, SECONDS, SECOND_TICKS),
  ...names(['milliseconds', 'millisecond', 'ms'], 1e-3, SECONDS, SECOND_TICKS),
  ...names(['microseconds', 'us', 'µs'], 1e-6, SECONDS, SECOND_TICKS),
  ...names(['nanoseconds', 'ns'], 1e-9, SECONDS, SECOND_TICKS),
  ...names(['minutes', 'min'], 60, SECONDS),
  ...names(['hours', 'h'], 3600, SECONDS),
  ...names(['days', 'd'], 86_400, SECONDS),
  ...names(['bytes', 'byte', 'by'], 1, BYTES, BYTE_TICKS),
  ...names(['kibibytes', 'kib', 'kiby'], 2 ** 10, BYTES),
  ...names(['mebibytes', 'mib', 'miby'], 2 ** 20, BYTES),
  ...names(['ratio', 'ratios'], 1, PERCENT),
  ...names(['percent', 'percents', '%'], 0.01, PERCENT),
]);

function names(all: string[], base: number, steps: readonly Step[], ticks?: readonly number[]): [string, Family][] {
  return all.map((name) => [name, { base, steps, ...(ticks === undefined ? {} : { ticks }) }]);
}

/**
 * Maximum number of characters of a unit that are shown after a number. Clients choose the unit freely, so longer ones are cut.
 */
const LONGEST_UNIT = 16;

/** The style in which values of one unit are written, with the text that follows them. */
export interface UnitStyle extends Family {
  /**
   * The text after every value, including the space before it. It is empty if there is no unit, or if the names of the steps
   * already contain it.
   */
  suffix: string;
  /**
   * Whether values of 1,000 and above may be written in full, as 1,234 and not as 1.23 k, because people read counts as whole
   * numbers.
   */
  isPlain: boolean;
}

/** Returns how values of a unit are written. An unknown unit keeps its name. */
export function styleOf(unit: string | null): UnitStyle {
  const name = (unit ?? '').slice(0, LONGEST_UNIT + 1).trim();
  const family = FAMILIES.get(name.toLowerCase());
  if (family !== undefined) return { ...family, suffix: '', isPlain: false };
  return { base: 1, steps: PLAIN, suffix: suffixOf(name), isPlain: true };
}

function suffixOf(name: string): string {
  // UCUM writes 1 for "no unit", and encloses the name of counted things in braces.
  const bare = name.replace(/^\{(.*)\}$/, '$1');
  if (bare === '' || bare === '1') return '';
  return ` ${bare.length > LONGEST_UNIT ? `${bare.slice(0, LONGEST_UNIT)}…` : bare}`;
}

/**
 * Returns the largest step that is not larger than a value in the base unit. If there is none, the smallest step is returned, or
 * for 0, the base unit itself.
 */
export function stepOf(value: number, steps: readonly Step[]): Step {
  const size = Math.abs(value);
  return steps.find((step) => size >= step.size) ?? smallestFor(size, steps);
}

function smallestFor(size: number, steps: readonly Step[]): Step {
  // Zero is written as "0 s" and not as "0 ns".
  const whole = steps.find((step) => step.size === 1);
  return (size === 0 ? whole : undefined) ?? steps.at(-1)!;
}

/**
 * Returns the possible distances between the ticks of an axis with this unit, or undefined for a unit that uses those of plain
 * numbers.
 */
export function ticksOf(unit: string | null): number[] | undefined {
  const { base, ticks } = styleOf(unit);
  // Dividing by a base such as 0.001 causes a tiny rounding error.
  return ticks?.map((tick) => (base === 1 ? tick : Number((tick / base).toPrecision(12))));
}

/** Returns a unit that changes how numbers are written, such as `ms`, or null for one that is only a name, such as `orders`. */
export function shortUnit(unit: string | null): string | null {
  return styleOf(unit).suffix === '' ? unit : null;
}
