import { sameLabelsError } from '../errors.js';
import { dropMetadata, labelKey } from './labels.js';
import type { Labels } from './series-source.js';

/**
 * One series of an instant vector over all steps of a query. Not changed once it is made: what an operation leaves as it
 * is, it shares with its input.
 */
export interface Column {
  readonly labels: Labels;
  /**
   * The name no longer says what the value is and is to go: at once, or at the end of the query. Until then it tells series
   * apart and `label_replace` can still read it.
   */
  readonly dropsName: boolean;
  readonly values: Float64Array;
  /** 1 where there is a value at that step. */
  readonly present: Uint8Array;
}

/** A series whose values were computed from those of another: its name no longer fits. */
export function computedColumn({ labels, present }: Column, values: Float64Array): Column {
  return { labels, dropsName: true, values, present };
}

/** The same series with values at fewer steps. */
export function withPresence({ labels, dropsName, values }: Column, present: Uint8Array): Column {
  return { labels, dropsName, values, present };
}

export function hasValues(present: Uint8Array): boolean {
  return present.includes(1);
}

/** Gathers the series of a result, of which two may have the same labels as long as they are not there at once. */
export class ColumnCollector {
  private readonly byKey = new Map<string, Column>();

  /** @throws PromqlExecutionError where both are there at the same step */
  add(column: Column): void {
    if (!hasValues(column.present)) {
      return;
    }
    // A series whose name goes is another one than the same with its name.
    const key = `${column.dropsName ? '-' : '+'}${labelKey(column.labels)}`;
    const other = this.byKey.get(key);
    this.byKey.set(key, other === undefined ? column : mergeColumns(other, column));
  }

  get columns(): Column[] {
    return [...this.byKey.values()];
  }
}

/**
 * Takes away the names that have to go, and series without any value.
 *
 * @throws PromqlExecutionError where two series that only their names told apart are there at the same step
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
