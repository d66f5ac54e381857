import { isMetricName, type NameRules, readMetricName, sanitizeMetricName } from '../../outside-text/name.js';

/**
 * Returns why an administrator can't give a metric a name, or undefined if the name is legal. Names of pushed items are made
 * legal instead, but a changed name would surprise somebody who has typed it.
 */
export function problemOfMetricName(name: string, rules: NameRules): string | undefined {
  const { metricNameMaxLength, nameValidation } = rules;
  if (nameValidation === 'utf8') {
    if (readMetricName(name, rules) === name) return undefined;
    return `A metric name is a text of 1 to ${metricNameMaxLength} bytes of UTF-8 without NUL and U+FFFD.`;
  }
  if (isMetricName(name, metricNameMaxLength)) return undefined;
  return (
    `A metric name consists of at most ${metricNameMaxLength} letters, digits, _ and :, and does not start with a digit. ` +
    `Try ${sanitizeMetricName(name.slice(0, metricNameMaxLength))}.`
  );
}
