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

/** Treats null as absent in optional properties. The exception is `labels`, which must be an object if present. */
const IsGiven = () => ValidateIf((_item, value) => value !== undefined && value !== null);

/** One sample. This class is the contract, and `checkBatch()` in batch-check.ts checks the same rules faster. */
export class MetricSampleDto {
  /**
   * The name of the metric. Characters that Prometheus does not allow become `_`. Names that end in `_total`, `_count`, `_sum` or
   * `_bucket` are counters unless declared otherwise; all others are gauges.
   * @example http_responses_total
   */
  @Transform(({ value }) => coerceName(value))
  @IsDefined()
  @IsString()
  @IsNotEmpty()
  name: string;

  /**
   * For a counter, the increase since the last push (or the running total, with `cumulative`); for a gauge, the current value.
   * Numbers may be written as text. An item with null, which JSON writes for NaN, is refused; the other items are stored.
   * @example 1
   */
  @ApiProperty({ type: 'number', nullable: true })
  @Transform(({ value }) => coerceNumber(value))
  @ValidateIf((_item, value) => value !== null)
  @IsNumber({ allowNaN: false, allowInfinity: false }, { message: 'value must be a finite number' })
  value: number | null;

  /**
   * The labels. Numbers and booleans become text. A label with an empty value counts as absent.
   * @example { "status": "200", "method": "GET" }
   */
  @ApiProperty({
    type: 'object',
    selfRequired: false,
    additionalProperties: { oneOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] },
  })
  @ValidateIf((_item, value) => value !== undefined)
  // Rules are checked from the bottom up, and the first violation is reported.
  @Validate(IsLabels)
  @IsObject()
  labels?: Record<string, string | number | boolean>;

  /** Declares the metric's type, which can't change afterwards. */
  @IsGiven()
  @IsIn(PUSHED_TYPES)
  type?: (typeof PUSHED_TYPES)[number] | null;

  /** The meaning of a counter's value: `delta` is an increase, `cumulative` is the running total since the client started. */
  @IsGiven()
  @IsIn(TEMPORALITIES)
  temporality?: Temporality | null;

  /** The help text at `/metrics`. The first text that is sent for a metric is kept. */
  @IsGiven()
  @IsString()
  help?: string | null;

  /** @example seconds */
  @IsGiven()
  @IsString()
  unit?: string | null;

  /**
   * The time of the measurement: milliseconds since the epoch, or ISO 8601. The default is the time of arrival.
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

/** A batch of samples. Unknown properties are ignored at every level. */
export class MetricBatchDto {
  /** The samples. The list may be empty. */
  @IsDefined()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => MetricSampleDto)
  metrics: MetricSampleDto[];
}
