import { Transform } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';
import { toNumber } from '../../../http/query-values.js';

/** The query parameters of a request for refusals. */
export class RefusalsQueryDto {
  /**
   * Maximum number of refusals.
   * @example 50
   */
  @Transform(toNumber)
  @IsInt()
  @Min(1)
  @Max(1_000)
  limit: number = 200;
}
