import { IsString, Length } from 'class-validator';

/** The new name of a metric. */
export class RenameDto {
  /**
   * The new name. It must be legal as given, because illegal characters are not replaced.
   * @example http_responses_total
   */
  @IsString()
  @Length(1, 10_000)
  to: string;
}
