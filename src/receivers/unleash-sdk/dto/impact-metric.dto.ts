import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';

/** A bucket of a histogram: the number of observations of at most `le`. */
export class ImpactBucketDto {
  @ApiProperty({ oneOf: [{ type: 'number' }, { type: 'string', enum: ['+Inf'] }] })
  le: number | '+Inf';

  /** The cumulative count, which includes the smaller buckets. */
  count: number;
}

/** A sample of a counter (the increase since the last post) or of a gauge (the current value). */
export class ImpactSampleDto {
  /** @example { "appName": "shop", "environment": "production" } */
  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string' } })
  labels?: Record<string, string>;

  value: number;
}

/** The observations of a histogram since the last post. */
export class ImpactHistogramSampleDto {
  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string' } })
  labels?: Record<string, string>;

  count: number;
  sum: number;
  buckets: ImpactBucketDto[];
}

/** An impact metric. A malformed one is left out and counted; the others are stored. */
@ApiExtraModels(ImpactSampleDto, ImpactHistogramSampleDto)
export class ImpactMetricDto {
  /** @example purchases */
  name: string;
  /** @example Number of purchases */
  help?: string;
  @ApiProperty({ enum: ['counter', 'gauge', 'histogram'] })
  type: 'counter' | 'gauge' | 'histogram';
  @ApiProperty({
    type: 'array',
    items: {
      anyOf: [{ $ref: getSchemaPath(ImpactSampleDto) }, { $ref: getSchemaPath(ImpactHistogramSampleDto) }],
    },
  })
  samples: (ImpactSampleDto | ImpactHistogramSampleDto)[];
}
