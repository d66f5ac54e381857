import { Transform } from 'class-transformer';
import { IsBoolean, IsInt, IsOptional, Max, Min } from 'class-validator';
import { toBoolean, toNumber } from '../../../http/query-values.js';

/** Options for a rename. */
export class RenameQueryDto {
  /** `true` renames nothing and reports what would be renamed. */
  @IsOptional()
  @Transform(toBoolean)
  @IsBoolean()
  dryRun?: boolean;
}

/** The query parameters of a request for past renames. */
export class RenamesQueryDto {
  /**
   * Maximum number of renames.
   * @example 50
   */
  @Transform(toNumber)
  @IsInt()
  @Min(1)
  @Max(1_000)
  limit: number = 200;
}
