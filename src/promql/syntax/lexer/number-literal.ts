import { quoteString } from './quoted-string.js';

const MAX_INT64 = 0x7fff_ffff_ffff_ffffn;

/**
 * Returns the value of a number token: decimal, hexadecimal (`0x1F`), octal with a leading zero (`017`, as in Go), `Inf` or
 * `NaN`. Digits can be separated by underscores.
 *
 * @returns the problem in Prometheus' words if the text is not a number or is beyond the range of a double
 */
export function parseNumber(text: string): { readonly value: number } | { readonly problem: string } {
  if (/^inf$/i.test(text)) return { value: Infinity };
  if (/^nan$/i.test(text)) return { value: NaN };

  const plain = text.replaceAll('_', '');
  if (hasMisplacedUnderscore(text)) return { problem: problemWith(text, 'invalid syntax') };
  if (/^0x[\da-f]+$/i.test(plain)) {
    const whole = BigInt(plain);
    return whole > MAX_INT64 ? { problem: problemWith(text, 'invalid syntax') } : { value: Number(whole) };
  }
  if (/^0[0-7]+$/.test(plain) && plain.length < 30) {
    const whole = BigInt(`0o${plain.slice(1)}`);
    if (whole <= MAX_INT64) return { value: Number(whole) };
  }
  if (!/^(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i.test(plain)) return { problem: problemWith(text, 'invalid syntax') };
  const value = Number(plain);
  return Number.isFinite(value) ? { value } : { problem: problemWith(text, 'value out of range') };
}

/** Returns whether an underscore is misplaced. Go allows it only between two digits and after `0x`. */
function hasMisplacedUnderscore(text: string): boolean {
  const digits = /^0x/i.test(text) ? `0${text.slice(2)}` : text;
  const pattern = /^0x/i.test(text) ? /(?<![\da-f])_|_(?![\da-f])/i : /(?<!\d)_|_(?!\d)/;
  return pattern.test(digits);
}

function problemWith(text: string, problem: string): string {
  return `error parsing number: strconv.ParseFloat: parsing ${quoteString(text)}: ${problem}`;
}

/** Formats a number in full, without an exponent, with the fewest digits that give the same number, as Go's format `f` does. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const [mantissa = '', exponentText] = Math.abs(value).toString().split('e');
  if (exponentText === undefined) return sign + mantissa;
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = whole + fraction;
  const point = whole.length + Number(exponentText);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return sign + digits.padEnd(point, '0');
}
