const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;

/**
 * White space and control characters, which a spreadsheet may drop before it looks at the first character, then a character
 * that begins a formula, also in its full-width form: Excel in Japanese and Chinese reads `＝` as `=`. A tab, a line feed or
 * a carriage return is suspicious by itself.
 */
const STARTS_FORMULA = /^(?:[\t\r\n]|[\s\p{Cc}\p{Cf}\p{Z}]*[=+\-@＝＋－−﹣﹢﹦＠﹫])/u;
const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * Writes a text as one field of CSV, quoted where RFC 4180 asks for it.
 *
 * A text that a spreadsheet would run as a formula gets an apostrophe in front: label values come from whoever may push,
 * and the file is opened by whoever may read. Source: https://owasp.org/www-community/attacks/CSV_Injection
 */
export function csvField(text: string): string {
  const harmless = STARTS_FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** One record with its line end. */
export function csvRecord(fields: readonly string[]): string {
  return `${fields.map(csvField).join(',')}\r\n`;
}
