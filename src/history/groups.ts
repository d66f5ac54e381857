import { labelsFromText } from '../catalog/label-set.js';
import type { Series } from '../catalog/series.js';
import { BadDataError } from '../http/errors.js';
import { isLabelName } from '../outside-text/name.js';

/** `groupBy=*`: every series by itself. */
const EACH_SERIES = '*';

/** Series that become one line of an answer, and the labels it is known by. */
export interface SeriesGroup {
  readonly labels: Readonly<Record<string, string>>;
  readonly series: readonly Series[];
}

/**
 * Puts series together that agree in some labels; without labels all of them. Groups stand in the order of their first
 * series.
 *
 * @param labelNames a label that a series lacks is left out of the group's labels
 * @throws BadDataError
 */
export function groupSeries(series: readonly Series[], labelNames: readonly string[]): SeriesGroup[] {
  if (labelNames.includes(EACH_SERIES)) {
    if (labelNames.length > 1) throw unfit('* stands alone: it is every series by itself');
    return series.map((each) => ({ labels: labelsFromText(each.labelsText), series: [each] }));
  }
  const names = [...new Set(labelNames)];
  for (const name of names) if (!isLabelName(name)) throw unfit(`"${name.slice(0, 100)}" is no label name`);
  if (names.length === 0) return series.length === 0 ? [] : [{ labels: {}, series }];
  const groups = new Map<string, { labels: Record<string, string>; series: Series[] }>();
  for (const each of series) {
    const all = labelsFromText(each.labelsText);
    const labels: Record<string, string> = {};
    for (const name of names) if (Object.hasOwn(all, name)) labels[name] = all[name]!;
    const key = JSON.stringify(labels);
    const group = groups.get(key) ?? { labels, series: [] };
    group.series.push(each);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function unfit(reason: string): BadDataError {
  return new BadDataError([
    {
      path: '/query/groupBy',
      message: `The \`/query/groupBy\` property must be label names, such as groupBy=app,region, or *: ${reason}.`,
    },
  ]);
}
