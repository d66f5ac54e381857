const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;
const STARTS_FORMULA = /^[=+\-@\t\r]/;
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
