import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { type Aggregate, AGGREGATES } from '../aggregates/aggregate.js';
import { toCommaList, toNumber } from '../../../http/query-values.js';
import { WEEK_STARTS, type WeekStart } from '../calendar/calendar.js';
import { oneOf } from './one-of.js';
import {
  AnswerFormat,
  AnswerLocale,
  LabelFilters,
  MetricName,
  RangeEnd,
  RangeStart,
  ZoneName,
} from './shared-parameters.js';
import { type Comparison, COMPARISONS } from '../range/compared-range.js';

/** The query parameters of a request for points. */
export class RangeQueryDto {
  @MetricName()
  metric: string;

  @LabelFilters()
  label: string[] = [];

  @RangeStart()
  from?: string;

  @RangeEnd()
  to?: string;

  @ZoneName()
  tz?: string;

  @AnswerFormat()
  format?: string;

  @AnswerLocale()
  locale?: string;

  /** The day on which a week begins. */
  @ApiProperty({ required: false, ...oneOf(Object.keys(WEEK_STARTS)) })
  @IsIn(Object.keys(WEEK_STARTS))
  weekStart: WeekStart = 'monday';

  /**
   * Length of a bucket: `15s`, `5m`, `1h`, a number of seconds, or a calendar unit: `1d`, `1w`, `1mo`, `1q`, `1y`. The default is
   * a length that gives about 200 points.
   * @example 5m
   */
  @IsOptional()
  @IsString()
  @Length(1, 100)
  step?: string;

  /**
   * The rule by which the samples of a bucket become a point. The default is `increase` for counters and `avg` for gauges.
   * Several rules, separated by commas, are computed in one pass.
   * @example ["increase"]
   */
  @IsOptional()
  @ApiProperty({ required: false, enum: AGGREGATES, isArray: true })
  @Transform(toCommaList)
  @ArrayMaxSize(AGGREGATES.length)
  @IsIn(AGGREGATES, { each: true })
  aggregate?: Aggregate[];

  /**
   * The label whose values the aggregate `distinct` counts, among the series with samples in a bucket.
   * @example user
   */
  @IsOptional()
  @IsString()
  @Length(1, 10_000)
  distinctLabel?: string;

  /**
   * Also returns an earlier range: the one directly before the requested range, or the requested range moved back by a day, a
   * week, a month, a quarter or a year.
   */
  @ApiProperty({ required: false, ...oneOf(COMPARISONS) })
  @IsOptional()
  @IsIn(COMPARISONS)
  compare?: Comparison;

  /**
   * Maximum number of lines. The lines with the largest values of the first aggregate over the whole range are kept, and one more
   * line combines all others. All buckets of a histogram that are grouped by `le` count as one line.
   * @example 20
   */
  @IsOptional()
  @Transform(toNumber)
  @IsInt()
  @Min(1)
  @Max(1_000)
  lines?: number;

  /**
   * Labels to group by, repeatable or separated by commas. Each combination of their values becomes a line. With `*`, every
   * series becomes a line. Without labels, all series become one line.
   * @example ["status"]
   */
  @ApiProperty({ required: false })
  @Transform(toCommaList)
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  groupBy: string[] = [];
}
