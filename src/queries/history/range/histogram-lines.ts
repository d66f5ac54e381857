import { createHash } from 'node:crypto';
import { HISTOGRAM_SUFFIX } from '../../../catalog/metric/histogram-family.js';
import { Turns } from '../../../scheduling/turns.js';
import type { Grouping } from '../aggregates/groups.js';
import type { LinePlace } from './largest-groups.js';

/** The label that holds the upper bound of a bucket. */
const BOUND = 'le';

/** Maximum length of a key that is not hashed. The keys of twenty thousand groups must not take much memory. */
const MAX_KEY_LENGTH = 200;

/** The places of the groups of histograms. */
export interface LinePlaces {
  readonly places: readonly LinePlace[];
  /** The number of histograms. */
  readonly linesTotal: number;
  /** The number of different bounds. */
  readonly parts: number;
}

/**
 * Returns the places of groups that are buckets of histograms, so that a histogram is shown with all its buckets or not at all.
 *
 * @returns undefined if the groups are not buckets
 */
export async function linePlacesOf(
  metricName: string,
  { groups, labelsOf }: Grouping,
  groupBy: readonly string[],
): Promise<LinePlaces | undefined> {
  if (!metricName.endsWith(HISTOGRAM_SUFFIX.bucket) || !groupBy.includes(BOUND)) return undefined;
  const turns = new Turns();
  const places: LinePlace[] = [];
  const lines = new Set<string>();
  const parts = new Set<string>();
  for (const group of groups) {
    const { [BOUND]: part = '', ...labels } = labelsOf(group);
    const line = keyOf(labels);
    places.push({ line, part });
    lines.add(line);
    parts.add(part);
    if (turns.isUp) await turns.give();
  }
  return { places, linesTotal: lines.size, parts: parts.size };
}

/** Returns the label of a bucket that remains when the histograms are combined. */
export function boundLabelOf(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { [BOUND]: bound } = labels;
  return bound === undefined ? {} : { [BOUND]: bound };
}

function keyOf(labels: Readonly<Record<string, string>>): string {
  const json = JSON.stringify(labels);
  return json.length <= MAX_KEY_LENGTH ? json : createHash('sha256').update(json).digest('base64');
}
