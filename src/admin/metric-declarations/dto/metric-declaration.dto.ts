import { IsIn, IsOptional, IsString, Length } from 'class-validator';
import { METRIC_TYPES, type MetricType, TEMPORALITIES, type Temporality } from '../../../catalog/metric/metric.js';

/** What is said of a metric, whoever pushes it. */
export class MetricDeclarationDto {
  /** For ever. A histogram consists of the counters `<name>_bucket` (with the label `le`), `<name>_sum`, `<name>_count`. */
  @IsIn(METRIC_TYPES)
  type: MetricType;

  /** What counter samples say when they do not say it themselves. */
  @IsOptional()
  @IsIn(TEMPORALITIES)
  temporality?: Temporality;

  /** Shown at `/metrics`. */
  @IsOptional()
  @IsString()
  @Length(1, 1_000)
  help?: string;

  /** @example seconds */
  @IsOptional()
  @IsString()
  @Length(1, 100)
  unit?: string;
}
