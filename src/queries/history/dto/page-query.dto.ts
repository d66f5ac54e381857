import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { toNumber } from '../../../http/query-values.js';

const DEFAULT_PAGE_SIZE = 1_000;
const MAX_PAGE_SIZE = 10_000;

/** The parameters that all requests for pages have in common. */
export class PageQueryDto {
  /**
   * Maximum number of rows in one page; the default is 1,000.
   * @example 100
   */
  @IsOptional()
  @Transform(toNumber)
  @IsInt()
  @Min(1)
  @Max(MAX_PAGE_SIZE)
  limit?: number;

  /** The `nextCursor` of the previous page. All other parameters must stay the same. */
  @IsOptional()
  @IsString()
  @Length(1, 1_000)
  cursor?: string;
}

/** Returns the page size. This is not a getter, because a request with `?pageSize=` would then try to set it. */
export function pageSizeOf({ limit }: PageQueryDto): number {
  return limit ?? DEFAULT_PAGE_SIZE;
}
