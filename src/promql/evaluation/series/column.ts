import { sameLabelsError } from '../errors.js';
import { dropMetadata, labelKey } from './labels.js';
import type { Labels } from './series-source.js';

/**
 * One series of an instant vector over all steps of a query. It is immutable: an operation that leaves arrays unchanged shares
 * them with its input.
 */
export interface Column {
  readonly labels: Labels;
  /**
   * True if the name no longer describes the value and has to be removed, immediately or at the end of the query. Until then, it
   * distinguishes series, and `label_replace` can still read it.
   */
  readonly dropsName: boolean;
  readonly values: Float64Array;
  /** The value is 1 for each step at which the series has a value, and 0 for any other step. */
  readonly present: Uint8Array;
}

/** Makes a series whose values were computed from those of another, so that its name no longer fits. */
export function computedColumn({ labels, present }: Column, values: Float64Array): Column {
  return { labels, dropsName: true, values, present };
}

/** Returns the series with other presence flags, such as those of the steps at which an operation keeps its values. */
export function withPresence({ labels, dropsName, values }: Column, present: Uint8Array): Column {
  return { labels, dropsName, values, present };
}

export function hasValues(present: Uint8Array): boolean {
  return present.includes(1);
}

/** Gathers the series of a result. Series with the same labels are merged, as long as no two have a value at the same step. */
export class ColumnCollector {
  private readonly byKey = new Map<string, Column>();

  /**
   * Adds a series, unless it has no values.
   *
   * @throws PromqlExecutionError if two series with the same labels have a value at the same step
   */
  add(column: Column): void {
    if (!hasValues(column.present)) {
      return;
    }
    // The key distinguishes a series whose name will be removed from one that keeps the same name.
    const key = `${column.dropsName ? '-' : '+'}${labelKey(column.labels)}`;
    const other = this.byKey.get(key);
    this.byKey.set(key, other === undefined ? column : mergeColumns(other, column));
  }

  get columns(): Column[] {
    return [...this.byKey.values()];
  }
}

/**
 * Removes the names that no longer describe their values, and series without any value.
 *
 * @throws PromqlExecutionError if two series that differ only by their names have a value at the same step
 */
export function withNamesDropped(columns: readonly Column[]): Column[] {
  const collector = new ColumnCollector();
  for (const column of columns) {
    collector.add(column.dropsName ? { ...column, labels: dropMetadata(column.labels), dropsName: false } : column);
  }
  return collector.columns;
}

function mergeColumns(a: Column, b: Column): Column {
  const values = a.values.slice();
  const present = a.present.slice();
  for (let step = 0; step < values.length; step++) {
    if (b.present[step] === 1) {
      if (present[step] === 1) {
        throw sameLabelsError();
      }
      present[step] = 1;
      values[step] = b.values[step]!;
    }
  }
  return { labels: a.labels, dropsName: a.dropsName, values, present };
}
