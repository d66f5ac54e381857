import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { toNumber } from '../../../http/query-values.js';

const DEFAULT_PAGE_SIZE = 1_000;
const MAX_PAGE_SIZE = 10_000;

/** The parameters of every answer that comes in pages. */
export class PageQueryDto {
  /**
   * Maximum number of rows in one page; 1,000 by default.
   * @example 100
   */
  @IsOptional()
  @Transform(toNumber)
  @IsInt()
  @Min(1)
  @Max(MAX_PAGE_SIZE)
  limit?: number;

  /** `nextCursor` of the previous page; all other parameters stay the same. */
  @IsOptional()
  @IsString()
  @Length(1, 1_000)
  cursor?: string;
}

/** A function, not a getter: with a getter, a request with `?pageSize=` would try to set it. */
export function pageSizeOf({ limit }: PageQueryDto): number {
  return limit ?? DEFAULT_PAGE_SIZE;
}
