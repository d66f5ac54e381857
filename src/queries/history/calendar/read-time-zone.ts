import { BadDataError } from '../../../http/answers/errors.js';
import { abbreviate } from '../../../outside-text/abbreviate.js';
import { mostSimilarName } from '../../../outside-text/most-similar-name.js';
import { TimeZone } from './time-zone.js';

/**
 * Returns the time zone with the name that a request gives.
 *
 * @throws BadDataError if no known zone has that name
 */
export function readTimeZone(name: string): TimeZone {
  const zone = TimeZone.of(name);
  if (zone !== undefined) return zone;
  const nearest = mostSimilarName(name, Intl.supportedValuesOf('timeZone'));
  throw new BadDataError([
    {
      path: '/query/tz',
      message:
        `The \`/query/tz\` property must be a time zone such as Europe/Berlin; "${abbreviate(name)}" is not one that this service knows.` +
        (nearest === undefined ? '' : ` Did you mean ${nearest}?`),
    },
  ]);
}
