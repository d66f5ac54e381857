import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';

/** A bucket of a histogram: how many observations were at most `le`. */
export class ImpactBucketDto {
  @ApiProperty({ oneOf: [{ type: 'number' }, { type: 'string', enum: ['+Inf'] }] })
  le: number | '+Inf';

  /** Cumulative: it counts what is in the smaller buckets, too. */
  count: number;
}

/** A sample of a counter (what was added since the last post) or of a gauge (its value). */
export class ImpactSampleDto {
  /** @example { "appName": "shop", "environment": "production" } */
  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string' } })
  labels?: Record<string, string>;

  value: number;
}

/** What a histogram observed since the last post. */
export class ImpactHistogramSampleDto {
  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string' } })
  labels?: Record<string, string>;

  count: number;
  sum: number;
  buckets: ImpactBucketDto[];
}

/** An impact metric. One that can't be read is left out and counted; the others are stored. */
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
