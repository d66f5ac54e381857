import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsBoolean, IsOptional, IsString } from 'class-validator';
import { toBoolean, toList } from '../../../http/query-values.js';

/** Options for the removal of a metric. */
export class MetricRemovalQueryDto {
  /** `true` removes nothing and reports how much would be removed. */
  @IsOptional()
  @Transform(toBoolean)
  @IsBoolean()
  dryRun?: boolean;
}

/** Selects the series of a metric to remove. */
export class SeriesRemovalQueryDto extends MetricRemovalQueryDto {
  /**
   * `name=value` or `name!=value`, repeatable: a series must match all names, and for each name any of the values after `=` and none of
   * those after `!=`. An empty value means that the label is absent.
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
