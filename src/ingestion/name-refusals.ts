import { Refusal } from '../catalog/refusal.js';
import { abbreviate } from '../outside-text/abbreviate.js';
import { NameProblem, type NameRules, sanitizeText } from '../outside-text/name.js';
import { labelNameTooLong, nameTooLong } from './text-lengths.js';

/** Returns the refusal of a metric name. */
export function refusedMetricName(given: string, problem: NameProblem, rules: NameRules): Refusal {
  if (problem === NameProblem.TooLong) return nameTooLong(given, rules.metricNameMaxLength);
  if (problem === NameProblem.UnusableCharacter) return new Refusal('name_invalid', unusable('The name', given));
  return new Refusal(
    'name_invalid',
    problem === NameProblem.Empty
      ? 'The name of the metric is empty. Give it a name.'
      : `The name ${abbreviate(given)} has no character that Prometheus allows, so it would become only underscores, like ` +
          'every other such name. Use the letters a to z, digits, _ and :.',
  );
}

/** Returns the refusal of a label name. */
export function refusedLabelName(metric: string, given: string, problem: NameProblem, rules: NameRules): Refusal {
  if (problem === NameProblem.TooLong) return labelNameTooLong(given, rules.metricNameMaxLength);
  if (problem === NameProblem.UnusableCharacter) {
    return new Refusal('label_name_invalid', unusable('The label name', given));
  }
  return new Refusal(
    'label_name_invalid',
    problem === NameProblem.Empty
      ? `A label of ${abbreviate(metric)} has an empty name.`
      : `The label name ${abbreviate(given)} has no character that Prometheus allows, so it would become only underscores, ` +
          'like every other such name. Use the letters a to z, digits and _.',
  );
}

function unusable(what: string, given: string): string {
  return `${what} ${abbreviate(sanitizeText(given))} is not valid UTF-8, or contains NUL or U+FFFD. Leave these characters out.`;
}
