import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsOptional, IsString, Length } from 'class-validator';
import { type Aggregate, AGGREGATES } from '../aggregates/aggregate.js';
import { toCommaList, toList } from '../../../http/query-values.js';

/** Which points. */
export class RangeQueryDto {
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

  /**
   * Beginning of the range, inclusive; an hour before `to` unless said. RFC 3339, seconds or milliseconds since the epoch,
   * `now`, or a distance from now.
   * @example -1h
   */
  @IsOptional()
  @IsString()
  @Length(1, 100)
  from?: string;

  /**
   * End of the range, exclusive; now unless said.
   * @example now
   */
  @IsOptional()
  @IsString()
  @Length(1, 100)
  to?: string;

  /**
   * Length of a bucket: `15s`, `5m`, `1h`, `1d`, or a number of seconds. Unless said one that gives about 200 points.
   * @example 5m
   */
  @IsOptional()
  @IsString()
  @Length(1, 100)
  step?: string;

  /** How the samples of a bucket become a point; `increase` for counters and `avg` for gauges unless said. */
  @IsOptional()
  @IsIn(AGGREGATES)
  aggregate?: Aggregate;

  /**
   * Labels that make a line of their own for each of their values, repeatable or separated by commas; `*` is every series
   * by itself. Without it all series become one line.
   * @example ["status"]
   */
  @ApiProperty({ required: false })
  @Transform(toCommaList)
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  groupBy: string[] = [];
}
