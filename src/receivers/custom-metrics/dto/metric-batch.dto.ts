import { Transform, Type } from 'class-transformer';
import {
  IsArray,
  IsDefined,
  IsIn,
  IsNotEmpty,
  IsNumber,
  IsObject,
  IsString,
  Validate,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { ApiProperty } from '@nestjs/swagger';
import { TEMPORALITIES, type Temporality } from '../../../catalog/metric/metric.js';
import { coerceName, coerceNumber, coerceTimestamp } from '../coercion.js';
import { IsLabels } from './is-labels.js';

const PUSHED_TYPES = ['counter', 'gauge'] as const;

/** Absent and null are the same for what is optional; only labels have to be an object when they are there at all. */
const IsGiven = () => ValidateIf((_item, value) => value !== undefined && value !== null);

/** One sample. This class is the contract: `accepts()` in batch-check.ts is a faster way to say the same. */
export class MetricSampleDto {
  /**
   * Characters that Prometheus does not allow become `_`. Names that end in `_total`, `_count`, `_sum` or `_bucket` are
   * counters unless declared otherwise, all others gauges.
   * @example http_responses_total
   */
  @Transform(({ value }) => coerceName(value))
  @IsDefined()
  @IsString()
  @IsNotEmpty()
  name: string;

  /**
   * What was added since the last push for a counter (or its total, with `cumulative`), the current value for a gauge.
   * Text that is a number is taken as one. Null is what JSON makes of NaN: that item is refused, and the others are stored.
   * @example 1
   */
  @ApiProperty({ type: 'number', nullable: true })
  @Transform(({ value }) => coerceNumber(value))
  @ValidateIf((_item, value) => value !== null)
  @IsNumber({ allowNaN: false, allowInfinity: false }, { message: 'value must be a finite number' })
  value: number | null;

  /**
   * Numbers and booleans become text; an empty value is the label's absence.
   * @example { "status": "200", "method": "GET" }
   */
  @ApiProperty({
    type: 'object',
    selfRequired: false,
    additionalProperties: { oneOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] },
  })
  @ValidateIf((_item, value) => value !== undefined)
  // Rules are asked from below, and the first that is broken is told.
  @Validate(IsLabels)
  @IsObject()
  labels?: Record<string, string | number | boolean>;

  /** Declares the metric's type, which is for ever. */
  @IsGiven()
  @IsIn(PUSHED_TYPES)
  type?: (typeof PUSHED_TYPES)[number] | null;

  /** What the value of a counter says: `delta` = add it, `cumulative` = the running total since the sender started. */
  @IsGiven()
  @IsIn(TEMPORALITIES)
  temporality?: Temporality | null;

  /** Shown at `/metrics`; the first text given stays. */
  @IsGiven()
  @IsString()
  help?: string | null;

  /** @example seconds */
  @IsGiven()
  @IsString()
  unit?: string | null;

  /**
   * When it was measured: milliseconds since the epoch, or ISO 8601. Default: when it arrives.
   * @example 2026-11-24T12:00:00.000Z
   */
  @ApiProperty({ required: false, oneOf: [{ type: 'integer' }, { type: 'string', format: 'date-time' }] })
  @IsGiven()
  @Transform(({ value }) => coerceTimestamp(value))
  @IsNumber(
    { allowNaN: false, allowInfinity: false },
    { message: 'timestamp must be milliseconds since the epoch or ISO 8601' },
  )
  timestamp?: number | null;
}

/** Many samples. Unknown properties are ignored at every level. */
export class MetricBatchDto {
  /** May be empty. */
  @IsDefined()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => MetricSampleDto)
  metrics: MetricSampleDto[];
}
