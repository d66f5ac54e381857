import { IsOptional, IsString, Length } from 'class-validator';
import { PageQueryDto } from './page-query.dto.js';

/** Which rows of Unleash's listing. */
export class MinuteRowsQueryDto extends PageQueryDto {
  /**
   * Beginning of the range; the default is an hour before `to`. The whole minute counts. RFC 3339, seconds or milliseconds
   * since the epoch, `now`, or a distance from now.
   * @example -1h
   */
  @IsOptional()
  @IsString()
  @Length(1, 100)
  from?: string;

  /**
   * End of the range; the default is now.
   * @example now
   */
  @IsOptional()
  @IsString()
  @Length(1, 100)
  to?: string;
}
