import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsString, Length } from 'class-validator';
import { PageQueryDto } from './page-query.dto.js';
import { toList } from '../../../http/query-values.js';

/** The series of one metric that a request asks for. */
export class SeriesQueryDto extends PageQueryDto {
  /**
   * The exact name.
   * @example http_responses_total
   */
  @IsString()
  @Length(1, 10_000)
  metric: string;

  /**
   * `name=value`, repeatable. Values of the same name are alternatives; different names must all match. An empty value means that
   * the label is absent.
   * @example ["status=200"]
   */
  @ApiProperty({ required: false })
  @Transform(toList)
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  label: string[] = [];
}
