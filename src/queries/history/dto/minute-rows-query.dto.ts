import { PageQueryDto } from './page-query.dto.js';
import { RangeEnd, RangeStart } from './shared-parameters.js';

/** The range and the page of rows that a request asks for. */
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
