import { forEachLabelIn } from '../../../catalog/series/label-set.js';
import type { MetricType } from '../../../catalog/metric/metric.js';
import type { Series } from '../../../catalog/series/series.js';
import { Turns } from '../../../scheduling/turns.js';
import type { PeriodFigures } from './period-figures.js';
import { cellOf, type ValueCell } from './value-cell.js';

/** Maximum number of labels that are compared. The work for each label grows with the number of series. */
const MAX_LABELS = 50;

/** The label of a histogram's buckets, which is not a property of the observations. */
const BUCKET_LABEL = 'le';

/** The figures of series by the values of their labels. */
export interface LabelCells {
  /** The number of labels, including those that are not compared. */
  readonly labelsTotal: number;
  /** Label name → value → figures. The value '' stands for series that lack the label. */
  readonly byLabel: ReadonlyMap<string, ReadonlyMap<string, ValueCell>>;
  readonly whole: ValueCell;
}

/**
 * Adds up the figures of series for each value of each label. At most 50 labels are compared, namely those that occur in the most
 * series.
 */
export async function cellsOf(
  type: MetricType,
  series: readonly Series[],
  figures: PeriodFigures,
  signal: AbortSignal | undefined,
): Promise<LabelCells> {
  const owners = await countOwners(series, signal);
  if (type === 'histogram') owners.delete(BUCKET_LABEL);
  const names = Array.from(owners, ([name, count]) => ({ name, owners: count }))
    .toSorted((a, b) => b.owners - a.owners || (a.name < b.name ? -1 : 1))
    .slice(0, MAX_LABELS)
    .map(({ name }, index) => ({ name, index }));
  const indexes = new Map(names.map(({ name, index }) => [name, index]));
  const byIndex = names.map(() => new Map<string, ValueCell>());
  const whole = cellOf(type);
  /** For each label, the index of the last visited series that has it. */
  const seen = new Int32Array(names.length).fill(-1);
  const turns = new Turns();
  for (const [place, each] of series.entries()) {
    const add = (index: number, value: string) => {
      const cells = byIndex[index]!;
      let cell = cells.get(value);
      if (cell === undefined) cells.set(value, (cell = cellOf(type)));
      cell.add(figures, place, each);
    };
    whole.add(figures, place, each);
    forEachLabelIn(each.labelsText, (name, value) => {
      const index = indexes.get(name);
      if (index === undefined) return;
      seen[index] = place;
      add(index, value);
    });
    for (let index = 0; index < seen.length; index++) if (seen[index] !== place) add(index, '');
    if (turns.isUp) {
      await turns.give();
      signal?.throwIfAborted();
    }
  }
  return {
    labelsTotal: owners.size,
    byLabel: new Map(names.map(({ name, index }) => [name, byIndex[index]!])),
    whole,
  };
}

/** Returns the number of series that have each label. */
async function countOwners(series: readonly Series[], signal: AbortSignal | undefined): Promise<Map<string, number>> {
  const owners = new Map<string, number>();
  const turns = new Turns();
  for (const { labelsText } of series) {
    forEachLabelIn(labelsText, (name) => owners.set(name, (owners.get(name) ?? 0) + 1));
    if (turns.isUp) {
      await turns.give();
      signal?.throwIfAborted();
    }
  }
  return owners;
}
