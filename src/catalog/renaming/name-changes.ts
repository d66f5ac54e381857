import type { CatalogIndex } from '../catalog-index.js';
import { type MetricRow, nameIdOf } from '../catalog.repository.js';
import type { Metric } from '../series/series.js';

/** The metrics to read: those with one of `ids`, and those whose latest rename is one of `renameIds`. */
export interface MetricsToRead {
  readonly ids: readonly number[];
  readonly renameIds: readonly number[];
}

/**
 * Completes rows of metrics, so that the names of the catalog can change in one step.
 *
 * A row may have the name of another known metric. That metric has then been deleted or renamed, and only its own row shows
 * which, so that row is read as well. If the metric were simply removed, it would lose its live values although it may only have
 * been renamed. All metrics of a rename are read together, because the exposition would be wrong if a histogram had its new name
 * before its counters.
 */
export class NameChanges {
  private readonly rowsById = new Map<number, MetricRow>();
  private readonly readIds = new Set<number>();
  private readonly readRenames = new Set<number>();
  private readonly vanishedIds = new Set<number>();

  /** @param index the metrics that are known so far */
  constructor(
    rows: readonly MetricRow[],
    private readonly index: Pick<CatalogIndex, 'findMetric' | 'findMetricById'>,
  ) {
    this.takeRows(rows);
  }

  /** The ids of known metrics that no longer exist. */
  get vanished(): ReadonlySet<number> {
    return this.vanishedIds;
  }

  /** Returns the metrics that have to be read before the rows can be used; undefined if nothing is missing. */
  get missing(): MetricsToRead | undefined {
    const ids = new Set<number>();
    const renameIds = new Set<number>();
    for (const row of this.newestRows().values()) {
      const { id, rename_id: renameId } = row;
      if (renameId !== null && !this.readRenames.has(renameId)) {
        const known = this.index.findMetricById(id);
        if (known !== undefined && known.nameId < renameId) renameIds.add(renameId);
      }
      const holder = this.formerHolderOf(row);
      const hasNewName = holder !== undefined && (this.rowsById.get(holder.id)?.name ?? row.name) !== row.name;
      if (holder !== undefined && !hasNewName && !this.readIds.has(holder.id)) ids.add(holder.id);
    }
    return ids.size + renameIds.size === 0 ? undefined : { ids: [...ids], renameIds: [...renameIds] };
  }

  /** Adds what was read for {@link missing}. */
  add({ ids, renameIds }: MetricsToRead, rows: readonly MetricRow[]): void {
    this.takeRows(rows);
    const present = new Set(rows.map(({ id }) => id));
    for (const id of ids) {
      this.readIds.add(id);
      if (!present.has(id)) this.vanishedIds.add(id);
    }
    for (const id of renameIds) this.readRenames.add(id);
  }

  /**
   * Returns the rows that can be used now. Rows of several reads may contradict each other, if another rename was committed in
   * between. A row is left out if its name belongs to another existing metric whose new name is not known yet; the next poll
   * reads both again.
   */
  usableRows(): MetricRow[] {
    const rows = this.newestRows();
    for (let before = Infinity; rows.size < before;) {
      before = rows.size;
      for (const [name, row] of rows) {
        const holder = this.formerHolderOf(row);
        if (holder === undefined || this.vanishedIds.has(holder.id)) continue;
        const theirs = this.rowsById.get(holder.id);
        if (theirs === undefined || theirs.name === name || rows.get(theirs.name) !== theirs) rows.delete(name);
      }
    }
    return [...rows.values()];
  }

  /**
   * Returns the rows by name. Of two rows with the same name, only the one that got the name later is returned, because the other
   * is outdated.
   */
  private newestRows(): Map<string, MetricRow> {
    const rows = new Map<string, MetricRow>();
    for (const row of this.rowsById.values()) {
      const other = rows.get(row.name);
      if (other === undefined || nameIdOf(other) < nameIdOf(row)) rows.set(row.name, row);
    }
    return rows;
  }

  /** Returns the other known metric that had the name of a row before. */
  private formerHolderOf(row: MetricRow): Metric | undefined {
    const holder = this.index.findMetric(row.name);
    return holder !== undefined && holder.id !== row.id && holder.nameId < nameIdOf(row) ? holder : undefined;
  }

  private takeRows(rows: readonly MetricRow[]): void {
    for (const row of rows) {
      const other = this.rowsById.get(row.id);
      if (other === undefined || nameIdOf(other) <= nameIdOf(row)) this.rowsById.set(row.id, row);
    }
  }
}
