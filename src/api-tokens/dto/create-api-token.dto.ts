import {
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsIn,
  IsISO8601,
  IsOptional,
  IsString,
  Length,
  ValidateBy,
} from 'class-validator';
import { sanitizeText } from '../../catalog/metric-name.js';
import { IsLabelRecord } from '../../http/is-label-record.js';
import { TEMPORALITIES, type Temporality } from '../../catalog/metric.js';
import { type NewApiToken, type Scope, SCOPES } from '../api-token.js';

/** ISO 8601 also knows weeks and times without separators, which `Date` can't read. */
function IsReadableTime(): PropertyDecorator {
  return ValidateBy({
    name: 'isReadableTime',
    validator: {
      validate: (text) => typeof text === 'string' && !Number.isNaN(Date.parse(text)),
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
  @IsISO8601({ strict: true })
  @IsReadableTime()
  expiresAt?: string;

  toNewApiToken(): NewApiToken {
    return {
      name: sanitizeText(this.name),
      scopes: this.scopes,
      labels: Object.fromEntries(Object.entries(this.labels ?? {}).map(([label, text]) => [label, sanitizeText(text)])),
      defaultTemporality: this.defaultTemporality,
      expiresAt: this.expiresAt == null ? null : new Date(this.expiresAt),
    };
  }
}
