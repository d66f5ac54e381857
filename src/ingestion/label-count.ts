import { Refusal } from '../catalog/refusal.js';

/**
 * Refuses labels that no series can have before they are copied, sorted or written out.
 *
 * @param labels those with an empty value, which are no labels, count here as well
 */
export function checkLabelCount(name: string, labels: object | undefined, maxLabels: number): Refusal | undefined {
  const count = labels === undefined ? 0 : Object.keys(labels).length;
  if (count <= maxLabels) return undefined;
  return new Refusal(
    'too_many_labels',
    `${name} has ${count} labels, the limit (SERIES_MAX_LABELS) is ${maxLabels}. Leave out the ones nobody asks by.`,
  );
}
