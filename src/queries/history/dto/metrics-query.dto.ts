import { IsOptional, IsString, Length } from 'class-validator';
import { PageQueryDto } from './page-query.dto.js';

/** The metrics that a request asks for. */
export class MetricsQueryDto extends PageQueryDto {
  /**
   * A part of the name; upper and lower case are the same.
   * @example http
   */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  search?: string;
}
