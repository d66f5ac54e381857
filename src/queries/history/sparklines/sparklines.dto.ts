import { ArrayMaxSize, ArrayMinSize, IsArray, IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { RangeEnd, RangeStart } from '../dto/shared-parameters.js';

/** Maximum number of metrics in one request: those that are visible on a page. */
const MAX_METRICS = 24;

/** The body of a request for sparklines. */
export class SparklinesDto {
  /**
   * The exact names of at most 24 metrics.
   * @example ["orders_total", "queue_length"]
   */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_METRICS)
  @IsString({ each: true })
  @Length(1, 10_000, { each: true })
  metrics: string[];

  @RangeStart({ example: '-24h' })
  from?: string;

  @RangeEnd()
  to?: string;

  /**
   * Number of points of each sparkline; the default is 48.
   * @example 48
   */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(500)
  points?: number;
}
