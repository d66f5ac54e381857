import { Refusal } from '../catalog/refusal.js';

/**
 * Refuses too many labels before they are copied, sorted or serialized.
 *
 * @param labels the labels as they were sent; those with an empty value are counted as well, although they are dropped later
 */
export function checkLabelCount(name: string, labels: object | undefined, maxLabels: number): Refusal | undefined {
  const count = labels === undefined ? 0 : Object.keys(labels).length;
  if (count <= maxLabels) return undefined;
  return new Refusal(
    'too_many_labels',
    `${name} has ${count} labels, the limit (SERIES_MAX_LABELS) is ${maxLabels}. Leave out labels that no query uses.`,
  );
}
