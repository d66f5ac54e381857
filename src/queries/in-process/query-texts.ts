import { escapeLabelName } from '../../outside-text/escaped-name.js';
import type { LabelSelection } from './history-requests.js';

/** Matches names that the routes would misread in a text `name=value`, because they end the name at the first `=` or at `!=`. */
const AMBIGUOUS_NAME = /=|!$/;

/** Converts the labels of a request to the form that the routes accept: `name=value` and `name!=value` texts. */
export function labelTexts(wanted: LabelSelection = {}, excluded: LabelSelection = {}): string[] {
  return [...textsWith('=', wanted), ...textsWith('!=', excluded)];
}

function textsWith(operator: '=' | '!=', labels: LabelSelection): string[] {
  return Object.entries(labels).flatMap(([name, value]) => {
    const written = AMBIGUOUS_NAME.test(name) ? escapeLabelName(name, 'values') : name;
    return (Array.isArray(value) ? value : [value]).map((each) => `${written}${operator}${String(each)}`);
  });
}

/** Converts a parameter to the text that the routes accept. An invalid Date becomes a text that they refuse. */
export function parameterText(value: Date | number | string): string {
  if (!(value instanceof Date)) return String(value);
  return Number.isNaN(value.getTime()) ? String(value) : value.toISOString();
}
