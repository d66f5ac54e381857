import { IsOptional, IsString, Length } from 'class-validator';
import { PageQueryDto } from './page-query.dto.js';

/** Which metrics. */
export class MetricsQueryDto extends PageQueryDto {
  /**
   * A part of the name, in upper or lower case.
   * @example http
   */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  search?: string;
}
