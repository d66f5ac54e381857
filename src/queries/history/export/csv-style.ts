import { TimeZone } from '../calendar/time-zone.js';
import { CsvRows } from './csv-rows.js';

const NEEDS_QUOTES = /[",;\t\r\n]|^\s|\s$/;

/**
 * Matches a text that a spreadsheet could take for a formula. Such a text begins with a character that starts a formula, possibly
 * after white space and control characters, which a spreadsheet can drop. Full-width characters are included, because Excel in
 * Japanese and Chinese reads `＝` as `=`. A leading tab, line feed or carriage return is suspicious even on its own.
 */
const STARTS_FORMULA = /^(?:[\t\r\n]|[\s\p{Cc}\p{Cf}\p{Z}]*[=+\-@＝＋－−﹣﹢﹦＠﹫])/u;
const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Number of characters of a CSV that are collected before they are sent. */
export const CHUNK_CHARACTERS = 64 * 1024;

const BYTE_ORDER_MARK = '\ufeff';

/**
 * Writes a text as one field of CSV. It is quoted where RFC 4180 requires it, if it contains another separator, and if it begins
 * or ends with white space.
 *
 * A text that a spreadsheet could run as a formula gets an apostrophe in front, because any client with a token to push can
 * choose label values, and another user opens the file.
 *
 * Source: https://owasp.org/www-community/attacks/CSV_Injection
 */
export function csvField(text: string): string {
  const harmless = STARTS_FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Writes the numbers, times and records of a CSV, either for programs or for spreadsheets. */
export class CsvStyle {
  private constructor(
    /** The text before the header. */
    readonly prelude: string,
    readonly separator: ',' | ';',
    /** The zone of times without an offset; undefined if times are in RFC 3339 and UTC. */
    private readonly zone: TimeZone | undefined,
  ) {}

  /** Returns the style for programs: commas, decimal points, and times in RFC 3339 and UTC. */
  static plain(): CsvStyle {
    return new CsvStyle('', ',', undefined);
  }

  /**
   * Returns the style that spreadsheets open with numbers as numbers and times as dates. Where numbers have a decimal comma, the
   * separator is a semicolon. The byte order mark makes Excel read UTF-8, and the line `sep=` makes it use the separator.
   *
   * @param locale a locale that `Intl` supports
   */
  static excel(locale: string, zone: TimeZone): CsvStyle {
    const parts = new Intl.NumberFormat(locale, { numberingSystem: 'latn' }).formatToParts(0.5);
    const separator = parts.some(({ type, value }) => type === 'decimal' && value === ',') ? ';' : ',';
    return new CsvStyle(`${BYTE_ORDER_MARK}sep=${separator}\r\n`, separator, zone);
  }

  /** Returns a column name for times. A spreadsheet's dates have no offset, so the name of the zone is added. */
  timeColumn(name: string): string {
    return this.zone === undefined ? name : `${name} (${this.zone.name})`;
  }

  /** Writes a number so that it is read back bit for bit; NaN becomes an empty field. */
  number(value: number): string {
    if (Number.isNaN(value)) return '';
    const text = Object.is(value, -0) ? '-0' : String(value);
    return this.separator === ';' ? text.replace('.', ',') : text;
  }

  /** Returns a new, empty collection of rows in this style. */
  rows(): CsvRows {
    return new CsvRows(this.separator === ';' ? ',' : '.');
  }

  /** Writes a time to rows, as {@link time} does. */
  writeTime(rows: CsvRows, at: number): void {
    if (this.zone === undefined) rows.time(at);
    else rows.text(this.time(at));
  }

  /** Writes a time, which is in milliseconds since the epoch. Spreadsheets get the local time, without milliseconds. */
  time(at: number): string {
    if (this.zone === undefined) return new Date(at).toISOString();
    return new Date(this.zone.toLocal(at)).toISOString().slice(0, 19).replace('T', ' ');
  }

  /** Writes one record of texts with its line end. */
  record(texts: readonly string[]): string {
    return `${texts.map(csvField).join(this.separator)}\r\n`;
  }
}
