import { createHash } from 'node:crypto';
import { labelsFromText } from '../../../catalog/series/label-set.js';
import type { Series } from '../../../catalog/series/series.js';
import { BadDataError } from '../../../http/answers/errors.js';
import { queriedLabelName } from '../../../outside-text/escaped-name.js';
import type { NameValidation } from '../../../outside-text/name.js';
import { Turns } from '../../../scheduling/turns.js';
import { abbreviate } from '../../../outside-text/abbreviate.js';

const MAX_KEY_LENGTH = 200;

/** The value of `groupBy` that makes every series a separate group. */
const EACH_SERIES = '*';

/** The series that become one line of an answer. */
export interface SeriesGroup {
  readonly series: readonly Series[];
}

/** The groups of an answer and the labels of each. */
export interface Grouping {
  readonly groups: readonly SeriesGroup[];
  /**
   * Returns the labels of a group. Labels are read only when they are written, because the labels of all groups can need more
   * memory than an answer may use.
   */
  readonly labelsOf: (group: SeriesGroup) => Readonly<Record<string, string>>;
}

/**
 * Groups series by the values of some labels. Without labels, all series are one group. The groups are in the order of their
 * first series.
 *
 * @param labelNames the labels to group by; a label that a series lacks is left out of the group's labels
 * @param maxGroups maximum number of groups. Besides its points, each costs a few hundred bytes while an answer is made
 * @param nameValidation the rules for the names of labels
 * @throws BadDataError for invalid labels, or for more groups than an answer can have
 */
export async function groupSeries(
  series: readonly Series[],
  labelNames: readonly string[],
  maxGroups: number,
  nameValidation: NameValidation = 'legacy',
): Promise<Grouping> {
  if (labelNames.includes(EACH_SERIES)) {
    if (labelNames.length > 1) throw unfit('* cannot be combined with label names: it makes a line of every series');
    if (series.length > maxGroups) throw tooManyGroups(maxGroups);
    return { groups: series.map((each) => ({ series: [each] })), labelsOf: (group) => labelsOfFirst(group) };
  }
  const names = [
    ...new Set(
      labelNames.map(
        (text) => queriedLabelName(text, nameValidation) ?? refuse(`"${abbreviate(text)}" is not a valid label name`),
      ),
    ),
  ];
  if (names.length === 0) return { groups: series.length === 0 ? [] : [{ series }], labelsOf: () => ({}) };
  const labelsOf = (group: SeriesGroup) => chosen(labelsOfFirst(group), names);
  const turns = new Turns();
  const groups = new Map<string, { series: Series[] }>();
  for (const each of series) {
    const key = keyOf(chosen(labelsFromText(each.labelsText), names));
    const group = groups.get(key) ?? { series: [] };
    group.series.push(each);
    groups.set(key, group);
    if (groups.size > maxGroups) throw tooManyGroups(maxGroups);
    if (turns.isUp) await turns.give();
  }
  return { groups: [...groups.values()], labelsOf };
}

function labelsOfFirst({ series: [first] }: SeriesGroup): Record<string, string> {
  return labelsFromText(first!.labelsText);
}

function chosen(labels: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.filter((name) => Object.hasOwn(labels, name)).map((name) => [name, labels[name]!]));
}

/**
 * Builds the key of a group. Long keys are hashed, because otherwise the keys of twenty thousand groups would take too much
 * memory.
 */
function keyOf(labels: Readonly<Record<string, string>>): string {
  const json = JSON.stringify(labels);
  return json.length <= MAX_KEY_LENGTH ? json : createHash('sha256').update(json).digest('base64');
}

function tooManyGroups(limit: number): BadDataError {
  return new BadDataError([
    {
      path: '/query/groupBy',
      message:
        `There are more than ${limit} groups, the limit of one answer (HISTORY_MAX_GROUPS). Group by fewer labels, or choose fewer series ` +
        'with label=name=value.',
    },
  ]);
}

function refuse(reason: string): never {
  throw unfit(reason);
}

function unfit(reason: string): BadDataError {
  return new BadDataError([
    {
      path: '/query/groupBy',
      message: `The \`/query/groupBy\` property must be label names, such as groupBy=app,region, or *: ${reason}.`,
    },
  ]);
}
