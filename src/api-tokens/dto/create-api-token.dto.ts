import { ArrayNotEmpty, ArrayUnique, IsArray, IsIn, IsISO8601, IsOptional, IsString, Length } from 'class-validator';
import { IsLabelRecord } from '../../http/is-label-record.js';
import { TEMPORALITIES, type Temporality } from '../../catalog/metric.js';
import { type NewApiToken, type Scope, SCOPES } from '../api-token.js';

/** What a new token shall be. */
export class CreateApiTokenDto {
  /** @example checkout service */
  @IsString()
  @Length(1, 200)
  name: string;

  @IsArray()
  @ArrayNotEmpty()
  @ArrayUnique()
  @IsIn(SCOPES, { each: true })
  scopes: Scope[];

  /**
   * Added to every sample that is pushed with the token; they win over the sample's own.
   * @example { "team": "checkout" }
   */
  @IsOptional()
  @IsLabelRecord()
  labels?: Record<string, string>;

  /** What counter samples of this token say when neither they nor their metric does. */
  @IsOptional()
  @IsIn(TEMPORALITIES)
  defaultTemporality?: Temporality;

  /** @example 2027-01-01T00:00:00Z */
  @IsOptional()
  @IsISO8601({ strict: true })
  expiresAt?: string;

  toNewApiToken(): NewApiToken {
    return {
      name: this.name,
      scopes: this.scopes,
      labels: this.labels,
      defaultTemporality: this.defaultTemporality,
      expiresAt: this.expiresAt === undefined ? null : new Date(this.expiresAt),
    };
  }
}
