import { ApiPropertyOptional } from '@nestjs/swagger';
import { ImpactMetricDto } from './impact-metric.dto.js';

/** What an SDK posts at the end of each interval. */
export class SdkMetricsDto {
  /** @example shop */
  appName: string;

  /** How often flags were asked for; taken and not kept. */
  @ApiPropertyOptional({ type: 'object', additionalProperties: true, nullable: true })
  bucket?: object | null;

  @ApiPropertyOptional({ type: [ImpactMetricDto] })
  impactMetrics?: unknown;
}
