import { ApiProperty } from '@nestjs/swagger';
import { ImpactMetricDto } from './impact-metric.dto.js';

/** What an SDK posts at the end of each interval. */
export class SdkMetricsDto {
  /** @example shop */
  appName: string;

  /** How often flags were asked for; taken and not kept. */
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true, required: false })
  bucket?: object | null;

  @ApiProperty({ type: [ImpactMetricDto], required: false })
  impactMetrics?: unknown;
}
