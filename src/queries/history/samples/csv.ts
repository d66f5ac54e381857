const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;

/**
 * Matches a text that a spreadsheet could take for a formula: white space and control characters, which it may drop before it
 * examines the first character, and then a character that begins a formula, also in its full-width form, because Excel in
 * Japanese and Chinese reads `＝` as `=`. A leading tab, line feed or carriage return is suspicious by itself.
 */
const STARTS_FORMULA = /^(?:[\t\r\n]|[\s\p{Cc}\p{Cf}\p{Z}]*[=+\-@＝＋－−﹣﹢﹦＠﹫])/u;
const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * Writes a text as one field of CSV, quoted where RFC 4180 requires it.
 *
 * A text that a spreadsheet would run as a formula gets an apostrophe in front: anyone who may push chooses label values, and
 * anyone who may read opens the file. Source: https://owasp.org/www-community/attacks/CSV_Injection
 */
export function csvField(text: string): string {
  const harmless = STARTS_FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Writes one record with its line end. */
export function csvRecord(fields: readonly string[]): string {
  return `${fields.map(csvField).join(',')}\r\n`;
}
