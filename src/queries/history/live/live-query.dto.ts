import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsOptional, IsString, Length } from 'class-validator';
import { toBoolean, toList } from '../../../http/query-values.js';

const MAX_METRICS = 100;
const MAX_NAME_LENGTH = 10_000;

/** The query parameters of a request that follows metrics. */
export class LiveQueryDto {
  @ApiProperty({
    required: false,
    description:
      'The exact name of a metric, which can be repeated. The name of a histogram includes its counters. Without this parameter, all ' +
      'metrics are listed. A metric that does not exist yet is listed as soon as it is pushed.',
    example: ['orders_total'],
    maxItems: MAX_METRICS,
  })
  @IsOptional()
  @Transform(toList)
  @IsArray()
  @ArrayMaxSize(MAX_METRICS)
  @Length(1, MAX_NAME_LENGTH, { each: true })
  @IsString({ each: true })
  metric?: string[];

  /** Lists a histogram by its own name, instead of its counters `_bucket`, `_sum` and `_count`. */
  @ApiProperty({ required: false })
  @Transform(toBoolean)
  @IsBoolean()
  families: boolean = false;
}
