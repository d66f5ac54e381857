import type { IncomingLabelValue } from '../../ingestion/incoming-sample.js';
import type { TextLimits } from '../../ingestion/text-lengths.js';

/** A label value. Numbers and booleans become text; `undefined`, `null` and an empty string mean that the label is absent. */
export type InstrumentLabels = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Labels without empty values. */
export type LabelValues = Readonly<Record<string, IncomingLabelValue>>;

/** Maximum number of properties of one object with labels. Empty labels count, although they are left out afterwards. */
const MOST_PROPERTIES = 1_000;

/**
 * Returns the labels of an instrument, overridden by those of a call. They are sorted by name, and empty ones are left out.
 *
 * @returns undefined if there are too many labels, or if one of them is too long or not scalar. This is checked before anything
 * is copied, because an object may have a hundred thousand properties
 */
export function readLabels(
  sources: readonly (InstrumentLabels | undefined)[],
  limits: TextLimits,
): LabelValues | undefined {
  const labels = new Map<string, IncomingLabelValue>();
  for (const source of sources) {
    if (source == null) continue;
    if (typeof source !== 'object' || Array.isArray(source)) return undefined;
    let count = 0;
    for (const name in source) {
      if (!Object.hasOwn(source, name)) continue;
      const value: unknown = source[name];
      if (value === undefined || value === null || value === '') labels.delete(name);
      else if (isLabel(name, value, limits)) labels.set(name, value);
      else return undefined;
      if (++count > MOST_PROPERTIES || labels.size > limits.maxLabels) return undefined;
    }
  }
  return Object.fromEntries([...labels].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function isLabel(name: string, value: unknown, limits: TextLimits): value is IncomingLabelValue {
  if (name.length > limits.metricNameMaxLength) return false;
  if (typeof value === 'string') return value.length <= limits.labelValueMaxLength;
  return typeof value === 'number' || typeof value === 'boolean';
}
