import { abbreviate } from '../../../outside-text/abbreviate.js';
import { mostSimilarName } from '../../../outside-text/most-similar-name.js';
import { chooseOffer } from '../../../http/answers/accept.js';
import { BadDataError } from '../../../http/answers/errors.js';
import { readTimeZone } from '../calendar/read-time-zone.js';
import { TimeZone } from '../calendar/time-zone.js';
import { CsvStyle } from './csv-style.js';

/** The formats in which samples and points can be returned. */
export const EXPORT_FORMATS = ['json', 'csv', 'excel'] as const;

/** The format of an answer: JSON, CSV for programs, or CSV for spreadsheets. */
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** The parameters that decide how an answer is written. */
export interface FormatRequest {
  readonly format?: string;
  readonly locale?: string;
  readonly tz?: string;
}

const JSON_OFFER = { mediaType: 'application/json' };
const CSV_OFFER = { mediaType: 'text/csv' };

/** Matches names such as `xlsx`, which probably mean the format `excel`, although the spelling is not similar. */
const OTHER_NAMES = /^xls/i;

/**
 * Returns the format of an answer. The parameter wins over `Accept`, because a link can't set a header.
 *
 * @throws BadDataError for an unknown format, and for a locale without effect
 */
export function formatOf({ format, locale }: FormatRequest, accept: string | undefined): ExportFormat {
  const chosen = format ?? (chooseOffer(accept, [JSON_OFFER, CSV_OFFER])?.offer === CSV_OFFER ? 'csv' : 'json');
  const known = EXPORT_FORMATS.find((each) => each === chosen);
  if (known === undefined) {
    const nearest = OTHER_NAMES.test(chosen) ? 'excel' : mostSimilarName(chosen, EXPORT_FORMATS);
    throw refusalOf(
      'format',
      `must be one of ${EXPORT_FORMATS.join(', ')}, not "${abbreviate(chosen)}".${nearest === undefined ? '' : ` Did you mean ${nearest}?`}`,
    );
  }
  if (locale !== undefined && known !== 'excel') throw refusalOf('locale', 'has an effect only with format=excel.');
  return known;
}

/**
 * Returns the style of a CSV. The format `excel` uses the locale and the time zone of the request, by default American English
 * and UTC.
 *
 * @throws BadDataError for a locale or a zone that is not known
 */
export function csvStyleOf(request: FormatRequest): CsvStyle {
  if (formatOf(request, CSV_OFFER.mediaType) !== 'excel') return CsvStyle.plain();
  const { locale = 'en-US', tz } = request;
  return CsvStyle.excel(readLocale(locale), tz === undefined ? TimeZone.utc() : readTimeZone(tz));
}

/** Reads a locale as BCP 47 writes it, such as `de-DE`, or as POSIX does, such as `de_DE`. */
function readLocale(text: string): string {
  const tag = text.replaceAll('_', '-');
  try {
    if (Intl.NumberFormat.supportedLocalesOf(tag).length > 0) return tag;
  } catch {
    // The text is not a language tag.
  }
  throw refusalOf('locale', `must be a locale such as de-DE or en-US; "${abbreviate(text)}" is not one that is known.`);
}

function refusalOf(property: string, problem: string): BadDataError {
  return new BadDataError([{ path: `/query/${property}`, message: `The \`/query/${property}\` property ${problem}` }]);
}
