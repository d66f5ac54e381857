/**
 * Formats the value of a sample in an answer as the shortest text. Absolute values below 1e-6, and of 1e21 and above, have an
 * exponent of at least two digits.
 */
export function sampleText(value: number): string {
  const size = Math.abs(value);
  // In this range JavaScript writes no exponent.
  if (size >= 1e-6 && size < 1e21) {
    return value.toString();
  }
  if (Number.isFinite(value)) {
    return Object.is(value, -0) ? '-0' : value.toString().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  return specialText(value);
}

/** Formats a number as the shortest text without an exponent, as `count_values` does for the values of its label. */
export function plainText(value: number): string {
  if (!Number.isFinite(value)) {
    return specialText(value);
  }
  const text = Object.is(value, -0) ? '-0' : value.toString();
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (match === null) {
    return text;
  }
  const [, sign, first, rest = '', exponent] = match;
  const digits = `${first}${rest}`;
  const power = Number(exponent);
  return power < 0
    ? `${sign}0.${'0'.repeat(-power - 1)}${digits}`
    : `${sign}${digits}${'0'.repeat(power + 1 - digits.length)}`;
}

/**
 * Formats a number like Go's `%g`, as messages do.
 *
 * @param digits maximum number of significant digits; if it is missing, the text has as many as are needed to distinguish the
 * number from its neighbours
 */
export function messageText(value: number, digits?: number): string {
  if (!Number.isFinite(value)) {
    return specialText(value);
  }
  if (value === 0) {
    return Object.is(value, -0) ? '-0' : '0';
  }
  const [mantissa = '', exponentText] = value.toExponential(digits === undefined ? undefined : digits - 1).split('e');
  const exponent = Number(exponentText);
  const trimmed = mantissa.includes('.') ? withoutTrailingZeros(mantissa) : mantissa;
  if (exponent < -4 || exponent >= (digits ?? 6)) {
    return `${trimmed}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  return plainText(Number(`${trimmed}e${exponent}`));
}

function withoutTrailingZeros(text: string): string {
  let end = text.length;
  while (text[end - 1] === '0') end--;
  return text.slice(0, text[end - 1] === '.' ? end - 1 : end);
}

function specialText(value: number): string {
  if (Number.isNaN(value)) {
    return 'NaN';
  }
  return value > 0 ? '+Inf' : '-Inf';
}

/** Maximum length of a number. Every decimal text that gives a double exactly is shorter. */
const MAX_FLOAT_CHARACTERS = 1_100;

/** Parses a number like Go's `ParseFloat`, as in the `le` of a bucket. Returns null for a text that is not a number. */
export function parseGoFloat(text: string): number | null {
  if (text.length > MAX_FLOAT_CHARACTERS) {
    return null;
  }
  if (/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) {
    return Number(text);
  }
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (special === null) {
    return null;
  }
  if (special[2]!.toLowerCase() === 'nan') {
    return special[1] === '' ? NaN : null;
  }
  return special[1] === '-' ? -Infinity : Infinity;
}
