import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsBoolean, IsOptional, IsString } from 'class-validator';
import { toBoolean, toList } from '../../../http/query-values.js';

/** How to remove a metric. */
export class MetricRemovalQueryDto {
  /** `true` removes nothing and tells how much would be. */
  @IsOptional()
  @Transform(toBoolean)
  @IsBoolean()
  dryRun?: boolean;
}

/** Which series of a metric to remove. */
export class SeriesRemovalQueryDto extends MetricRemovalQueryDto {
  /**
   * `name=value`, repeatable: of one name any of the values fits, different names must all fit. An empty value is the
   * label's absence.
   * @example ["status=200"]
   */
  @ApiProperty()
  @Transform(toList)
  @IsArray()
  @ArrayMinSize(1, {
    message:
      'label must be given at least once, as name=value. To remove all series, remove the metric: DELETE /api/admin/metrics/<name>',
  })
  @ArrayMaxSize(100)
  @IsString({ each: true })
  label: string[] = [];
}
