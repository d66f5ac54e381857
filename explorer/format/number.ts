import { stepOf, styleOf, type Step } from './unit.js';

/** Counts below this are written in full, without a suffix such as k. */
const COUNTED_BELOW = 100_000;

/** Whole numbers on an axis are written without a suffix if all are below this. */
const TICKS_COUNTED_BELOW = 10_000;

/** Above this number, a double can't represent every whole number. */
const EXACT_BELOW = 2 ** 53;

/** Values outside these limits are written with a power of ten. */
const SMALLEST = 1e-4;
const LARGEST = 1e15;

/** Maximum number of decimal places on an axis. Values that need more are written with all their digits. */
const TICK_PLACES = 6;

/** The minus sign. Unlike a hyphen, it is as wide as a plus sign. */
const MINUS = '−';

/** Writes a number and its unit in a few characters, such as `1.44 M` or `1.2 ms`. Null becomes a dash. */
export function formatNumber(value: number | null, unit: string | null = null): string {
  if (value === null) return '–';
  const { base, steps, suffix, isPlain } = styleOf(unit);
  if (!Number.isFinite(value)) return notFinite(value) + suffix;
  const size = Math.abs(value);
  if (isPlain && size < COUNTED_BELOW && (size >= 1000 || Number.isInteger(value))) return digits(value, 0) + suffix;
  const based = value * base;
  const step = roundedStep(based, steps);
  return short(based / step.size) + step.name + suffix;
}

/** Writes every digit of a number. "≈" marks values so large that a double can't represent every whole number. */
export function formatFull(value: number | null, unit: string | null = null): string {
  if (value === null) return '–';
  const name = unit === null || unit === '' || unit === '1' ? '' : ` ${unit}`;
  if (!Number.isFinite(value)) return notFinite(value) + name;
  return `${Math.abs(value) > EXACT_BELOW ? '≈ ' : ''}${allDigits(value)}${name}`;
}

/** Writes the labels of an axis with one common suffix, and with just enough digits to tell different values apart. */
export function formatTicks(values: readonly number[], unit: string | null = null): string[] {
  const { base, steps, suffix, isPlain } = styleOf(unit);
  const finite = values.filter((value) => Number.isFinite(value));
  const largest = Math.max(0, ...finite.map((value) => Math.abs(value * base)));
  const isCounted = isPlain && largest < TICKS_COUNTED_BELOW && finite.every((value) => Number.isInteger(value));
  const step = stepOf(isCounted ? 1 : largest, steps);
  // Adding 0 turns −0 into 0, which looks the same.
  const different = new Set(finite.map((value) => value + 0)).size;
  for (let places = 0; places <= TICK_PLACES && hasFewDigits(largest, step); places++) {
    const labels = values.map((value) => tick(value, base, step, suffix, places));
    if (new Set(labels.filter((_, at) => Number.isFinite(values[at]))).size === different) return labels;
  }
  return values.map((value) => formatFull(value, unit));
}

/**
 * Writes the relative change of a number, such as `+12%` or `×500`. Returns null if the change can't be computed, for example
 * because the number was 0 before.
 */
export function formatChange(now: number | null, before: number | null): string | null {
  if (now === null || before === null || before === 0) return null;
  const share = ((now - before) / Math.abs(before)) * 100;
  if (!Number.isFinite(share)) return null;
  if (Math.abs(share) >= 1000 && now > 0 && before > 0) return `×${digits(now / before, 0)}`;
  const rounded = Math.abs(share) >= 10 ? Math.round(share) : Math.round(share * 10) / 10;
  return `${rounded > 0 ? '+' : rounded < 0 ? MINUS : '±'}${digits(Math.abs(rounded), 1)}%`;
}

function tick(value: number, base: number, step: Step, suffix: string, places: number): string {
  if (!Number.isFinite(value)) return notFinite(value);
  if (value === 0) return `0${step.name === '%' ? '%' : ''}`;
  return digits((value * base) / step.size, places) + step.name + suffix;
}

/** Returns whether the largest value of an axis can be written without a power of ten. */
function hasFewDigits(largest: number, step: Step): boolean {
  return largest === 0 || (largest / step.size < LARGEST && largest / step.size >= SMALLEST);
}

/** Returns the step of a value after rounding: 999,999 is 1 M and not 1,000 k. */
function roundedStep(value: number, steps: readonly Step[]): Step {
  const step = stepOf(value, steps);
  const larger = steps[steps.indexOf(step) - 1];
  if (larger === undefined) return step;
  const rounded = Number((value / step.size).toPrecision(3)) * step.size;
  return Math.abs(rounded) >= larger.size ? larger : step;
}

/** Writes three significant digits, or four if the value is from 1,000 to 9,999, as in 1,023 KiB. */
function short(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < SMALLEST || size >= LARGEST)) return power(value);
  return digits(Number(value.toPrecision(size >= 1000 && size < 10_000 ? 4 : 3)), 20);
}

function power(value: number): string {
  const [mantissa = '', exponent = ''] = value.toExponential(2).split('e');
  return `${signed(mantissa.replace(/\.?0+$/, ''))}e${signed(exponent.replace('+', ''))}`;
}

/** Writes a number with separators and at most the given number of decimal places. */
function digits(value: number, places: number): string {
  const text = signed(formatterOf(places).format(value));
  // A small negative value can be rounded to −0, which is written without the sign.
  return text === `${MINUS}0` ? '0' : text;
}

function allDigits(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-6 || size >= 1e21)) return signed(String(value));
  const [whole = '', fraction] = String(size).split('.');
  const grouped = formatterOf(0).format(BigInt(whole));
  return `${value < 0 ? MINUS : ''}${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
}

function signed(text: string): string {
  return text.replace(/^-/, MINUS);
}

function notFinite(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+∞' : `${MINUS}∞`;
}

/** Formatters are kept, because creating one takes longer than using it a hundred times. */
const formatters = new Map<number, Intl.NumberFormat>();

function formatterOf(places: number): Intl.NumberFormat {
  let formatter = formatters.get(places);
  if (formatter === undefined) {
    formatter = new Intl.NumberFormat('en', { maximumFractionDigits: places });
    formatters.set(places, formatter);
  }
  return formatter;
}
