import { isUtf8 } from 'node:buffer';

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

const NUMERIC_ESCAPES: Readonly<
  Record<string, { readonly digits: number; readonly base: number; readonly max: number }>
> = {
  x: { digits: 2, base: 16, max: 0xff },
  u: { digits: 4, base: 16, max: 0x10ffff },
  U: { digits: 8, base: 16, max: 0x10ffff },
};
const OCTAL_ESCAPE = { digits: 3, base: 8, max: 0xff };

/** The end and the value of a string literal, or the problem with it. */
export type ScannedString = { readonly end: number; readonly value: string } | { readonly problem: string };

/**
 * Reads a string literal in Go's notation: double or single quotes with escapes, or backquotes without escapes.
 *
 * Bytes that are not valid UTF-8 (`"\xff"`) become lone surrogates (U+DC80 to U+DCFF, one for each byte). No stored label
 * contains them, so they match nothing; `isWellFormed()` finds them; and `quoteString` writes the original escapes.
 *
 * @param start the offset of the opening quote.
 */
export function scanString(text: string, start: number): ScannedString {
  const quote = text[start]!;
  return quote === '`' ? scanRaw(text, start) : scanEscaped(text, start, quote);
}

function scanRaw(text: string, start: number): ScannedString {
  const close = text.indexOf('`', start + 1);
  const value = text.slice(start + 1, close === -1 ? undefined : close);
  if (hasInvalidCharacter(value)) return { problem: 'invalid UTF-8 rune' };
  return close === -1 ? { problem: 'unterminated raw string' } : { end: close + 1, value };
}

function scanEscaped(text: string, start: number, quote: string): ScannedString {
  const parts: (string | number)[] = [];
  let plainFrom = start + 1;
  let at = plainFrom;
  for (;;) {
    const character = text[at];
    if (character === undefined || character === '\n') return { problem: 'unterminated quoted string' };
    if (character !== quote && character !== '\\') {
      at++;
      continue;
    }
    const plain = text.slice(plainFrom, at);
    if (hasInvalidCharacter(plain)) return { problem: 'invalid UTF-8 rune' };
    parts.push(plain);
    if (character === quote) return { end: at + 1, value: joinParts(parts) };
    const escape = scanEscape(text, at + 1, quote);
    if ('problem' in escape) return escape;
    parts.push(escape.part);
    at = escape.end;
    plainFrom = at;
  }
}

/**
 * Reads an escape sequence.
 *
 * @returns the end of the sequence and its character, or a number for a byte above 0x7f; or the problem with the sequence.
 */
function scanEscape(
  text: string,
  at: number,
  quote: string,
): { readonly end: number; readonly part: string | number } | { readonly problem: string } {
  const letter = characterAt(text, at);
  if (letter === undefined) return { problem: 'escape sequence not terminated' };
  if (letter === quote) return { end: at + 1, part: quote };
  const short = Object.hasOwn(SHORT_ESCAPES, letter) ? SHORT_ESCAPES[letter] : undefined;
  if (short !== undefined) return { end: at + 1, part: short };
  const isOctal = letter >= '0' && letter <= '7' && letter.length === 1;
  const form = isOctal ? OCTAL_ESCAPE : Object.hasOwn(NUMERIC_ESCAPES, letter) ? NUMERIC_ESCAPES[letter] : undefined;
  if (form === undefined) return { problem: `unknown escape sequence ${describeCharacter(letter)}` };

  const from = isOctal ? at : at + 1;
  let value = 0;
  for (let index = from; index < from + form.digits; index++) {
    const digit = characterAt(text, index);
    if (digit === undefined) return { problem: 'escape sequence not terminated' };
    const amount = /^[\da-fA-F]$/.test(digit) ? Number.parseInt(digit, 16) : 16;
    if (amount >= form.base) return { problem: `illegal character ${describeCharacter(digit)} in escape sequence` };
    value = value * form.base + amount;
  }
  if (value > form.max || (value >= 0xd800 && value < 0xe000)) {
    return { problem: 'escape sequence is an invalid Unicode code point' };
  }
  const isByte = form.max === 0xff;
  return { end: from + form.digits, part: isByte && value > 0x7f ? value : String.fromCodePoint(value) };
}

function joinParts(parts: readonly (string | number)[]): string {
  if (parts.every((part) => typeof part === 'string')) return parts.join('');
  const bytes = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))));
  if (isUtf8(bytes)) return bytes.toString();
  let decoded = '';
  for (let at = 0; at < bytes.length;) {
    const length = [1, 2, 3, 4].find((count) => at + count <= bytes.length && isUtf8(bytes.subarray(at, at + count)));
    decoded +=
      length === undefined ? String.fromCharCode(0xdc00 + bytes[at]!) : bytes.toString('utf8', at, at + length);
    at += length ?? 1;
  }
  return decoded;
}

function hasInvalidCharacter(text: string): boolean {
  // Prometheus refuses invalid UTF-8, which the decoder of the request has already replaced with U+FFFD.
  return text.includes('\ufffd') || !text.isWellFormed();
}

function characterAt(text: string, at: number): string | undefined {
  const code = text.codePointAt(at);
  return code === undefined ? undefined : String.fromCodePoint(code);
}

/** Formats a character for an error message, like Go's `%#U`: `U+0063 'c'`. */
function describeCharacter(character: string): string {
  const hex = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  return isPrintable(character) ? `U+${hex} '${character}'` : `U+${hex}`;
}

const QUOTED_ESCAPES: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
};

/** Formats a string literal in double quotes, like Go's `%q`. Unprintable characters are escaped. */
export function quoteString(value: string): string {
  return quoted(value, '"');
}

/** Formats one character in single quotes, for error messages. */
export function quoteCharacter(character: string): string {
  return quoted(character, "'");
}

function quoted(value: string, quote: string): string {
  if (/^[ !#-&(-[\]-~]*$/.test(value)) return quote + value + quote;
  let text = quote;
  for (const character of value) {
    const code = character.codePointAt(0)!;
    const escape = QUOTED_ESCAPES[character];
    if (character === quote) text += `\\${quote}`;
    else if (escape !== undefined) text += escape;
    else if (isPrintable(character)) text += character;
    else if (code < 0x20 || code === 0x7f) text += `\\x${code.toString(16).padStart(2, '0')}`;
    else if (code >= 0xdc80 && code <= 0xdcff) text += `\\x${(code - 0xdc00).toString(16)}`;
    else if (code <= 0xffff) text += `\\u${code.toString(16).padStart(4, '0')}`;
    else text += `\\U${code.toString(16).padStart(8, '0')}`;
  }
  return text + quote;
}

function isPrintable(character: string): boolean {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character);
}
