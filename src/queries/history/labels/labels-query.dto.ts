import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Length } from 'class-validator';
import { oneOf } from '../dto/one-of.js';
import { PageQueryDto } from '../dto/page-query.dto.js';
import { LabelFilters, MetricName, RangeEnd, RangeStart } from '../dto/shared-parameters.js';

/** The query parameters of a request for labels. */
export class LabelsQueryDto extends PageQueryDto {
  @IsOptional()
  @MetricName({
    description:
      'The exact name of a metric. A histogram stands for its counters. Without a metric, the labels of all series are listed.',
  })
  metric?: string;

  @LabelFilters()
  label: string[] = [];

  /**
   * At most 10 words that must all occur in a listed name or value, in any order. Upper and lower case are treated alike.
   * @example sta
   */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  search?: string;

  @RangeStart({
    description:
      'Beginning of a range, inclusive. With `from` or `to`, only series with samples in the range are counted. RFC 3339, seconds ' +
      'or milliseconds since the epoch, `now`, or an offset from now.',
  })
  from?: string;

  @RangeEnd()
  to?: string;
}

/** The orders in which values can be listed. */
export const VALUE_ORDERS = ['value', 'series'] as const;

/** The query parameters of a request for the values of a label. */
export class LabelValuesQueryDto extends LabelsQueryDto {
  /** The order: by value, or the values with the most series first. */
  @ApiProperty({ required: false, ...oneOf(VALUE_ORDERS) })
  @IsIn(VALUE_ORDERS)
  order: (typeof VALUE_ORDERS)[number] = 'value';
}
