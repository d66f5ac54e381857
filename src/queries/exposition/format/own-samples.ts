import type { FamilyType } from '../../../catalog/metric/family-type.js';
import type { OwnSample } from '../../../catalog/metric/own-metrics.js';
import { labelSetOf, labelsToText } from '../../../catalog/series/label-set.js';
import { formatSample } from './exposition-format.js';

/** Writes a sample of the service itself. */
export function formatOwn({ name, labels, value }: OwnSample): string {
  return formatSample(name, labelsToText(Object.entries(labels)), value);
}

/** Returns a text that identifies a sample. */
export function identityOf(name: string, labels: Readonly<Record<string, string>>): string {
  return `${name}{${labelsToText(labelSetOf(labels))}}`;
}

/** Returns whether OpenMetrics allows a histogram or summary to have the sample. */
export function isLegalOwn({ name, labels, value }: OwnSample, type: FamilyType): boolean {
  if (name.endsWith('_sum')) return value >= 0;
  if (type === 'summary' && labels.quantile !== undefined) return !(value < 0);
  return Number.isInteger(value) && value >= 0 && !(Number(labels.le) < 0);
}
