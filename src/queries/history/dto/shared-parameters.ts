import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsOptional, IsString, Length } from 'class-validator';
import { toList } from '../../../http/query-values.js';
import { EXPORT_FORMATS } from '../export/export-format.js';
import { oneOf } from './one-of.js';

// These parameters are decorators and not properties of base classes, because requests combine them in different ways. The mapped
// types of @nestjs/swagger can combine base classes, but they look for class-validator by `require` at run time. In the bundle of
// a host they would find another copy of it or none, and no rule would be checked.

const MAX_LABEL_FILTERS = 100;
const MAX_NAME_LENGTH = 10_000;
const MAX_TIME_LENGTH = 100;
const MAX_ZONE_LENGTH = 64;
const MAX_FORMAT_LENGTH = 20;
const MAX_LOCALE_LENGTH = 50;

/** The parts of a parameter's documentation that differ between routes. */
interface Documentation {
  readonly description?: string;
  readonly example?: string;
}

/** Declares a property as the name of a metric. */
export function MetricName(documentation: Documentation = {}): PropertyDecorator {
  return applyDecorators(
    ApiProperty({
      description: 'The exact name of the metric.',
      example: 'http_responses_total',
      minLength: 1,
      maxLength: MAX_NAME_LENGTH,
      ...documentation,
    }),
    Length(1, MAX_NAME_LENGTH),
    IsString(),
  );
}

/** Declares a property as a list of label filters. */
export function LabelFilters({ example = 'status=200' }: Pick<Documentation, 'example'> = {}): PropertyDecorator {
  return applyDecorators(
    ApiProperty({
      required: false,
      description:
        'Label filters of the form `name=value` or `name!=value`, repeatable. Values of the same name are alternatives, and every ' +
        'value after `!=` is excluded; different names must all match. An empty value means that the label is absent.',
      example: [example],
      maxItems: MAX_LABEL_FILTERS,
    }),
    IsString({ each: true }),
    ArrayMaxSize(MAX_LABEL_FILTERS),
    IsArray(),
    Transform(toList),
  );
}

/** Declares a property as the start of a time range. `resolveRange` reads it. */
export function RangeStart(documentation: Documentation = {}): PropertyDecorator {
  return optionalTime({
    description:
      'Beginning of the range, inclusive; the default is an hour before `to`. RFC 3339, seconds or milliseconds since the epoch, ' +
      '`now`, or an offset from now.',
    example: '-1h',
    ...documentation,
  });
}

/** Declares a property as the end of a time range. `resolveRange` reads it. */
export function RangeEnd(documentation: Documentation = {}): PropertyDecorator {
  return optionalTime({
    description: 'End of the range, exclusive; the default is now.',
    example: 'now',
    ...documentation,
  });
}

/** Declares a property as the name of a time zone. `readTimeZone` reads it. */
export function ZoneName(): PropertyDecorator {
  return optionalText(MAX_ZONE_LENGTH, {
    description:
      'Time zone of times without an offset, of calendar steps, and of times in the format `excel`, as the IANA database names it. ' +
      'The default is UTC.',
    example: 'Europe/Berlin',
  });
}

/** Declares a property as the format of an answer. `formatOf` reads it. */
export function AnswerFormat(): PropertyDecorator {
  return optionalText(MAX_FORMAT_LENGTH, {
    description:
      'The format of the answer, by default the one that `Accept` prefers. `excel` is a CSV that spreadsheets open with numbers as ' +
      'numbers and local times as dates.',
    ...oneOf(EXPORT_FORMATS, 'excel'),
  });
}

/** Declares a property as the locale of an answer. `csvStyleOf` reads it. */
export function AnswerLocale(): PropertyDecorator {
  return optionalText(MAX_LOCALE_LENGTH, {
    description: 'The locale whose decimal mark the format `excel` uses, such as `de-DE`. The default is `en-US`.',
    example: 'de-DE',
  });
}

function optionalTime(documentation: Documentation): PropertyDecorator {
  return optionalText(MAX_TIME_LENGTH, documentation);
}

function optionalText(maxLength: number, documentation: Documentation): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ required: false, minLength: 1, maxLength, ...documentation }),
    Length(1, maxLength),
    IsString(),
    IsOptional(),
  );
}
