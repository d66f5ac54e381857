import { IsString, Length } from 'class-validator';

/** The new name of a metric. */
export class RenameDto {
  /**
   * The new name. It must be a legal name as it is, because nothing in it is replaced.
   * @example http_responses_total
   */
  @IsString()
  @Length(1, 10_000)
  to: string;
}
