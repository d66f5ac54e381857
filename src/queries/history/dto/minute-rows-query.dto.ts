import { PageQueryDto } from './page-query.dto.js';
import { RangeEnd, RangeStart } from './shared-parameters.js';

/** The query parameters of a request for the rows of Unleash's listing: their range and their page. */
export class MinuteRowsQueryDto extends PageQueryDto {
  @RangeStart({
    description:
      'Beginning of the range, rounded down to a whole minute; the default is an hour before `to`. RFC 3339, seconds or ' +
      'milliseconds since the epoch, `now`, or an offset from now.',
  })
  from?: string;

  @RangeEnd({ description: 'End of the range, exclusive, rounded up to a whole minute; the default is now.' })
  to?: string;
}
