import { Refusal } from '../catalog/refusal.js';
import type { CustomMetricsOptions } from '../custom-metrics.options.js';
import { abbreviate } from '../outside-text/abbreviate.js';
import type { IncomingSample } from './incoming-sample.js';

/** The limits for the texts of a sample, and for the number of samples that a histogram is converted to. */
export type TextLimits = Pick<
  CustomMetricsOptions['series'],
  'maxLabels' | 'metricNameMaxLength' | 'nameValidation' | 'labelValueMaxLength' | 'histogramMaxBuckets'
>;
type Texts = Pick<IncomingSample, 'name' | 'labels' | 'help' | 'unit'>;

/** Maximum lengths of the help text and the unit, which every scrape contains. */
const HELP_LENGTH = 1_000;
const UNIT_LENGTH = 100;

/**
 * Refuses a sample with a text that is too long, before its texts are used in any other way. Sanitizing, hashing or copying a
 * name of four megabytes once for each of ten thousand samples takes a minute.
 */
export function checkTextLengths(texts: Texts, limits: TextLimits): Refusal | undefined {
  const { name, labels, help, unit } = texts;
  if (name.length > limits.metricNameMaxLength) return nameTooLong(name, limits.metricNameMaxLength);
  if (help != null && help.length > HELP_LENGTH) return helpTooLong(name, help.length);
  if (unit != null && unit.length > UNIT_LENGTH) return unitTooLong(name, unit.length);
  // `for … in` is used because it is faster than `Object.entries()`. Every sample takes this path, which costs a few nanoseconds
  // for each label.
  for (const label in labels) {
    if (label.length > limits.metricNameMaxLength) return labelNameTooLong(label, limits.metricNameMaxLength);
    const value = labels[label];
    if (typeof value === 'string' && value.length > limits.labelValueMaxLength) {
      return labelValueTooLong(label, value.length, limits.labelValueMaxLength);
    }
  }
  return undefined;
}

export function nameTooLong(name: string, limit: number): Refusal {
  return new Refusal(
    'name_too_long',
    `The name ${abbreviate(name)} has ${lengthText(name, limit)}, the limit (METRIC_NAME_MAX_LENGTH) is ${limit}. ` +
      'Use a shorter name and put what varies into labels.',
  );
}

export function labelNameTooLong(label: string, limit: number): Refusal {
  return new Refusal(
    'label_name_too_long',
    `The label name ${abbreviate(label)} has ${lengthText(label, limit)}, the limit (METRIC_NAME_MAX_LENGTH) is ${limit}.`,
  );
}

/** Names are limited in bytes, but most people count characters, and a name that is too long is usually too long in both. */
function lengthText(name: string, limit: number): string {
  return name.length > limit ? `${name.length} characters` : `${Buffer.byteLength(name)} bytes`;
}

function labelValueTooLong(label: string, length: number, limit: number): Refusal {
  return new Refusal(
    'label_value_too_long',
    `The value of label ${abbreviate(label)} has ${length} characters, the limit (LABEL_VALUE_MAX_LENGTH) is ${limit}. ` +
      'A label value should be a category, not free text.',
  );
}

function helpTooLong(name: string, length: number): Refusal {
  return new Refusal(
    'help_too_long',
    `The help of ${abbreviate(name)} has ${length} characters, the limit is ${HELP_LENGTH}.`,
  );
}

function unitTooLong(name: string, length: number): Refusal {
  return new Refusal(
    'unit_conflict',
    `The unit of ${abbreviate(name)} has ${length} characters, the limit is ${UNIT_LENGTH}.`,
  );
}
