import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ImpactMetricDto } from './impact-metric.dto.js';

/** What Unleash Edge posts for the SDKs behind it. */
export class EdgeMetricsDto {
  /** Taken and not kept. */
  @ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: true } })
  applications: object[];

  /** How often flags were asked for; taken and not kept. */
  @ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: true } })
  metrics: object[];

  @ApiPropertyOptional({ type: [ImpactMetricDto] })
  impactMetrics?: unknown;
}
