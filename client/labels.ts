/** Numbers and booleans become text; `undefined`, `null` and an empty text are the label's absence. */
export type LabelValue = string | number | boolean | bigint | null | undefined;

/** What one series of a metric is told from another by. */
export type Labels = Readonly<Record<string, LabelValue>>;

/** Names and values, sorted by name: the order in which labels are given makes no other series. */
export type LabelPairs = readonly (readonly [name: string, value: string])[];

/**
 * Reads labels as the server does.
 *
 * @param fixed of the client; a label of the call wins
 * @returns undefined if they are none: not an object, or with a value that has no text of its own
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
