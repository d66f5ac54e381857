import { ApiPropertyOptional } from '@nestjs/swagger';
import { ImpactMetricDto } from './impact-metric.dto.js';

/** The metrics that an SDK posts at the end of each interval. */
export class SdkMetricsDto {
  /** @example shop */
  appName: string;

  /** The usage counts of flags, which are accepted but not stored. */
  @ApiPropertyOptional({ type: 'object', additionalProperties: true, nullable: true })
  bucket?: object | null;

  @ApiPropertyOptional({ type: [ImpactMetricDto] })
  impactMetrics?: unknown;
}
