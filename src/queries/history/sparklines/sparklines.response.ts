import { ApiPropertyOptional } from '@nestjs/swagger';
import type { MetricType } from '../../../catalog/metric/metric.js';
import type { BreakdownMeasure } from '../breakdown/breakdown.response.js';
import { RangeResponse } from '../dto/range.response.js';

/** The sparkline of one metric, or the reason why there is none. */
export class SparklineResponse {
  /** @example orders_total */
  metric: string;

  type?: MetricType;

  /**
   * The number that the points show: the increase of a counter, the average of a gauge (its last value where it has no sample),
   * or the 95th percentile of a histogram.
   * @example increase
   */
  measure?: BreakdownMeasure;

  /**
   * One number for each point, or null where there is none.
   * @example [3, 0, 5]
   */
  @ApiPropertyOptional({ type: 'array', items: { type: 'number', nullable: true } })
  values?: (number | null)[];

  /** The number for the whole range: the increase of a counter, the last value of a gauge, the percentile of a histogram. */
  now?: number | null;

  /** The number for the whole period before. */
  before?: number | null;

  /** The reason why there is no sparkline, for example because the metric does not exist or has too many samples. */
  error?: string;
}

/** Sparklines of several metrics over the same range. */
export class SparklinesResponse extends RangeResponse {
  /** The period before the range. It is as long as the range, unless retention has dropped a part of it. */
  compare: RangeResponse;

  /** The number of seconds from one point to the next. */
  stepSeconds: number;

  /** One sparkline for each requested metric, in the order of the request. */
  sparklines: SparklineResponse[];
}
