import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsOptional, IsString, Length } from 'class-validator';
import { METRIC_TYPES, type MetricType } from '../../../catalog/metric/metric.js';
import { toBoolean } from '../../../http/query-values.js';
import { METRIC_ORDERS, type MetricOrder } from '../listing/metric-order.js';
import { oneOf } from './one-of.js';
import { PageQueryDto } from './page-query.dto.js';

/** The query parameters of a request for a list of metrics. */
export class MetricsQueryDto extends PageQueryDto {
  /**
   * At most 10 words that must all occur in the name or the help text of a metric, in any order. Upper and lower case are treated
   * alike.
   * @example http errors
   */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  search?: string;

  /** Lists only the metrics of one type. */
  @ApiProperty({ required: false, ...oneOf(METRIC_TYPES) })
  @IsOptional()
  @IsIn(METRIC_TYPES)
  type?: MetricType;

  /** The order: by name, or the most recently pushed first, or those with the most series first. */
  @ApiProperty({ required: false, ...oneOf(METRIC_ORDERS) })
  @IsIn(METRIC_ORDERS)
  order: MetricOrder = 'name';

  /** Lists a histogram as one row, without the counters `_bucket`, `_sum` and `_count` that it consists of. */
  @ApiProperty({ required: false })
  @Transform(toBoolean)
  @IsBoolean()
  families: boolean = false;
}
