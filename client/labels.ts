/** A label value. Numbers and booleans become text; `undefined`, `null` and an empty text mean that the label is absent. */
export type LabelValue = string | number | boolean | bigint | null | undefined;

/** The labels that distinguish the series of a metric. */
export type Labels = Readonly<Record<string, LabelValue>>;

/** Pairs of names and values, sorted by name, so that the order of labels does not matter for the identity of a series. */
export type LabelPairs = readonly (readonly [name: string, value: string])[];

/**
 * Reads labels as the server does.
 *
 * @param fixed the labels of the client, which labels of the call override
 * @returns undefined if the labels are not an object, or if a value is not a scalar
 */
export function readLabels(labels: unknown, fixed: LabelPairs = []): LabelPairs | undefined {
  if (labels === undefined || labels === null) return fixed;
  if (typeof labels !== 'object' || Array.isArray(labels)) return undefined;
  const pairs = new Map(fixed);
  for (const [name, value] of Object.entries(labels as Labels)) {
    if (value === undefined || value === null || value === '') pairs.delete(name);
    else if (/^(?:string|number|boolean|bigint)$/.test(typeof value)) pairs.set(name, String(value));
    else return undefined;
  }
  return [...pairs].toSorted(([one], [other]) => (one < other ? -1 : 1));
}
