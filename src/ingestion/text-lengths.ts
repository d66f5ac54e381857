import { Refusal } from '../catalog/refusal.js';
import type { CustomMetricsOptions } from '../custom-metrics.options.js';
import { abbreviate } from '../outside-text/abbreviate.js';
import type { IncomingSample } from './incoming-sample.js';

/** The texts of a sample, and how long each may be. */
export type TextLimits = Pick<
  CustomMetricsOptions['series'],
  'maxLabels' | 'metricNameMaxLength' | 'labelValueMaxLength'
>;
type Texts = Pick<IncomingSample, 'name' | 'labels' | 'help' | 'unit'>;

/** The longest help text and unit; both are shown on every scrape. */
const HELP_LENGTH = 1_000;
const UNIT_LENGTH = 100;

/**
 * Refuses a sample with a text that is too long, before anything else is done with its texts: to sanitise, to hash or to copy
 * four megabytes of a name once for each of ten thousand samples takes a minute. It looks at lengths alone.
 */
export function checkTextLengths(texts: Texts, limits: TextLimits): Refusal | undefined {
  const { name, labels, help, unit } = texts;
  if (name.length > limits.metricNameMaxLength) return nameTooLong(name, limits.metricNameMaxLength);
  if (help != null && help.length > HELP_LENGTH) return helpTooLong(name, help.length);
  if (unit != null && unit.length > UNIT_LENGTH) return unitTooLong(name, unit.length);
  // `for … in` and not `Object.entries()`: this is the way of every sample, and takes some nanoseconds a label.
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
    `The name ${abbreviate(name)} has ${name.length} characters, the limit (METRIC_NAME_MAX_LENGTH) is ${limit}. ` +
      'Use a shorter name and put what varies into labels.',
  );
}

export function labelNameTooLong(label: string, limit: number): Refusal {
  return new Refusal(
    'label_name_too_long',
    `The label name ${abbreviate(label)} has ${label.length} characters, the limit (METRIC_NAME_MAX_LENGTH) is ${limit}.`,
  );
}

function labelValueTooLong(label: string, length: number, limit: number): Refusal {
  return new Refusal(
    'label_value_too_long',
    `The value of label ${abbreviate(label)} has ${length} characters, the limit (LABEL_VALUE_MAX_LENGTH) is ${limit}. ` +
      'A label holds a category, not a text.',
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
