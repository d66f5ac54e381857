import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ImpactMetricDto } from './impact-metric.dto.js';

/** The metrics that Unleash Edge posts on behalf of its SDKs. */
export class EdgeMetricsDto {
  /** The applications, which are accepted but not stored. */
  @ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: true } })
  applications: object[];

  /** The usage counts of flags, which are accepted but not stored. */
  @ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: true } })
  metrics: object[];

  @ApiPropertyOptional({ type: [ImpactMetricDto] })
  impactMetrics?: unknown;
}
