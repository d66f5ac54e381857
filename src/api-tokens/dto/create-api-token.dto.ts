import { ArrayNotEmpty, ArrayUnique, IsArray, IsIn, IsOptional, IsString, Length, ValidateBy } from 'class-validator';
import { IsLabelRecord } from '../../http/is-label-record.js';
import { TEMPORALITIES, type Temporality } from '../../catalog/metric/metric.js';
import { sanitizeText } from '../../outside-text/name.js';
import { parseIsoTime } from '../../outside-text/time.js';
import { type NewApiToken, type Scope, SCOPES } from '../api-token.js';

/** Accepts ISO 8601 times. A time without an offset is taken as UTC, regardless of the server's time zone. */
function IsTime(): PropertyDecorator {
  return ValidateBy({
    name: 'isTime',
    validator: {
      validate: (text) => typeof text === 'string' && parseIsoTime(text) !== undefined,
      defaultMessage: () => 'expiresAt must be written like 2027-01-01T00:00:00Z',
    },
  });
}

/** The request to create a token. */
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
   * Labels that are added to every sample pushed with the token. They override the labels of the sample.
   * @example { "team": "checkout" }
   */
  @IsOptional()
  @IsLabelRecord()
  labels?: Record<string, string>;

  /** The temporality of counter samples of this token if neither the sample nor its metric sets it. */
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
