import { ArrayNotEmpty, ArrayUnique, IsArray, IsIn, IsOptional, IsString, Length, ValidateBy } from 'class-validator';
import { IsLabelRecord } from '../../http/is-label-record.js';
import { TEMPORALITIES, type Temporality } from '../../catalog/metric/metric.js';
import { sanitizeText } from '../../outside-text/name.js';
import { parseIsoTime } from '../../outside-text/time.js';
import { type NewApiToken, type Scope, SCOPES } from '../api-token.js';

/** A time without an offset is UTC, wherever the server stands. */
function IsTime(): PropertyDecorator {
  return ValidateBy({
    name: 'isTime',
    validator: {
      validate: (text) => typeof text === 'string' && parseIsoTime(text) !== undefined,
      defaultMessage: () => 'expiresAt must be written like 2027-01-01T00:00:00Z',
    },
  });
}

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
  @IsTime()
  expiresAt?: string;

  toNewApiToken(): NewApiToken {
    return {
      name: sanitizeText(this.name),
      scopes: this.scopes,
      labels: Object.fromEntries(Object.entries(this.labels ?? {}).map(([label, text]) => [label, sanitizeText(text)])),
      defaultTemporality: this.defaultTemporality,
      expiresAt: this.expiresAt == null ? null : new Date(parseIsoTime(this.expiresAt)!),
    };
  }
}
