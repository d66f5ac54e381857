import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsString, Length } from 'class-validator';
import { PageQueryDto } from './page-query.dto.js';
import { toList } from '../../../http/query-values.js';

/** Which series of one metric. */
export class SeriesQueryDto extends PageQueryDto {
  /**
   * The exact name.
   * @example http_responses_total
   */
  @IsString()
  @Length(1, 10_000)
  metric: string;

  /**
   * `name=value`, repeatable: of one name any of the values fits, different names must all fit. An empty value is the
   * label's absence.
   * @example ["status=200"]
   */
  @ApiProperty({ required: false })
  @Transform(toList)
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  label: string[] = [];
}
