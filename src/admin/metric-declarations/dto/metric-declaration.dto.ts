import { IsIn, IsOptional, IsString, Length } from 'class-validator';
import { METRIC_TYPES, type MetricType, TEMPORALITIES, type Temporality } from '../../../catalog/metric/metric.js';

/** The declaration of a metric, which applies to all clients. */
export class MetricDeclarationDto {
  /**
   * The type, which can't change afterwards. A histogram consists of the counters `<name>_bucket` (with the label `le`),
   * `<name>_sum` and `<name>_count`.
   */
  @IsIn(METRIC_TYPES)
  type: MetricType;

  /** The temporality of counter samples that do not set their own. */
  @IsOptional()
  @IsIn(TEMPORALITIES)
  temporality?: Temporality;

  /** The help text at `/metrics`. */
  @IsOptional()
  @IsString()
  @Length(1, 1_000)
  help?: string;

  /**
   * The unit, as free text. A new unit replaces the old one, and pushes that still give the old one are refused.
   * @example seconds
   */
  @IsOptional()
  @IsString()
  @Length(1, 100)
  unit?: string;
}
