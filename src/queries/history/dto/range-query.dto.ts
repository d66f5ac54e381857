import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsOptional, IsString, Length } from 'class-validator';
import { type Aggregate, AGGREGATES } from '../aggregates/aggregate.js';
import { toCommaList, toList } from '../../../http/query-values.js';

/** The points that a request asks for. */
export class RangeQueryDto {
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

  /**
   * Length of a bucket: `15s`, `5m`, `1h`, `1d`, or a number of seconds. By default, a length that gives about 200 points.
   * @example 5m
   */
  @IsOptional()
  @IsString()
  @Length(1, 100)
  step?: string;

  /** How the samples of a bucket become a point; by default `increase` for counters and `avg` for gauges. */
  @IsOptional()
  @IsIn(AGGREGATES)
  aggregate?: Aggregate;

  /**
   * Labels to group by, repeatable or separated by commas: each combination of their values becomes a line. `*` makes a line of
   * every series. Without it, all series become one line.
   * @example ["status"]
   */
  @ApiProperty({ required: false })
  @Transform(toCommaList)
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  groupBy: string[] = [];
}
