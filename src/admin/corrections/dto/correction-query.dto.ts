import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { toBoolean, toList, toNumber } from '../../../http/query-values.js';

/** Selects the samples of a metric to delete. */
export class CorrectionQueryDto {
  /**
   * Beginning of the range of sample times, inclusive: RFC 3339, seconds or milliseconds since the epoch, `now`, or an offset
   * from now.
   * @example 2026-11-24T12:00:00Z
   */
  @IsString()
  @Length(1, 100)
  from: string;

  /**
   * End of the range, exclusive.
   * @example 2026-11-24T12:30:00Z
   */
  @IsString()
  @Length(1, 100)
  to: string;

  /**
   * `name=value` or `name!=value`, repeatable: a series must match all names, and for each name any of the values after `=` and none of
   * those after `!=`. An empty value means that the label is absent. Without `label`, the samples of all series are deleted.
   * @example ["status=200"]
   */
  @ApiProperty({ required: false, maxItems: 100 })
  @Transform(toList)
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  label: string[] = [];

  /** `true` deletes nothing and reports how much would be deleted. */
  @IsOptional()
  @Transform(toBoolean)
  @IsBoolean()
  dryRun?: boolean;
}

/** The query parameters of a request for past corrections. */
export class CorrectionsQueryDto {
  /**
   * Maximum number of corrections.
   * @example 50
   */
  @Transform(toNumber)
  @IsInt()
  @Min(1)
  @Max(1_000)
  limit: number = 200;
}
