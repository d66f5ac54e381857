import { IsOptional, IsString, Length } from 'class-validator';
import { SeriesQueryDto } from './series-query.dto.js';

/** The samples that a request asks for. */
export class SamplesQueryDto extends SeriesQueryDto {
  /**
   * Beginning of the range, inclusive; an hour before `to` by default. RFC 3339, seconds or milliseconds since the epoch, `now`,
   * or a distance from now.
   * @example -1h
   */
  @IsOptional()
  @IsString()
  @Length(1, 100)
  from?: string;

  /**
   * End of the range, exclusive; now by default.
   * @example now
   */
  @IsOptional()
  @IsString()
  @Length(1, 100)
  to?: string;
}
