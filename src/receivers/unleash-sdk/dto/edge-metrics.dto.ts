import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ImpactMetricDto } from './impact-metric.dto.js';

/** The metrics that Unleash Edge posts on behalf of its SDKs. */
export class EdgeMetricsDto {
  /** Accepted but not stored. */
  @ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: true } })
  applications: object[];

  /** The usage counts of flags; accepted but not stored. */
  @ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: true } })
  metrics: object[];

  @ApiPropertyOptional({ type: [ImpactMetricDto] })
  impactMetrics?: unknown;
}
