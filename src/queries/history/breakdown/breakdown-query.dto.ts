import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';
import { toNumber } from '../../../http/query-values.js';
import { LabelFilters, MetricName, RangeEnd, RangeStart } from '../dto/shared-parameters.js';

/** The query parameters of a request that compares the labels of a metric. */
export class BreakdownQueryDto {
  @MetricName({ description: 'The exact name of the metric. A histogram stands for its counter `_bucket`.' })
  metric: string;

  @LabelFilters({ example: 'app=shop' })
  label: string[] = [];

  @RangeStart({ example: '-24h' })
  from?: string;

  @RangeEnd()
  to?: string;

  /**
   * Maximum number of values that are listed for each label.
   * @example 6
   */
  @ApiProperty({ required: false })
  @Transform(toNumber)
  @IsInt()
  @Min(1)
  @Max(100)
  values: number = 20;
}
