import type { Turns } from '../../../scheduling/turns.js';
import { SharedArrays } from './collected-samples.js';
import type { SampleArrays } from './sample-arrays.js';
import { SampleColumn } from './sample-column.js';
import type { ReadSeries, SeriesSamples } from './series-samples.js';
import { sortedInTurns } from '../sorted-in-turns.js';

/** Maximum number of times that are returned to show how samples are distributed. More times would not show it better. */
const SPREAD_TIMES = 2_048;

interface ColumnQuery<S extends ReadSeries> {
  readonly series: readonly S[];
  readonly from: number;
  readonly to: number;
  readonly onlyWithSamples?: boolean;
  readonly arrays?: SampleArrays | undefined;
}

/**
 * Holds the columns that a query fills, one for each series. Loops over them use indexes, because an iterator creates an object for each
 * of many series.
 */
export class QueriedColumns<S extends ReadSeries> {
  /** The columns that exist. Unless only series with samples are wanted, each series of the query has one at the same place. */
  private readonly columns: SampleColumn<S>[] = [];
  /** The ids of the series at each place, if they ascend. Filling a map with ten thousand series takes longer than all searches. */
  private readonly ids: Int32Array | undefined;
  /** The columns by their ids, if `ids` is undefined. */
  private readonly byId = new Map<number, SampleColumn<S>>();
  /** The place after that of the column that was found last. Columns are mostly asked for in the order of their ids. */
  private next = 0;
  private readonly shared: SharedArrays;

  private constructor(private readonly query: ColumnQuery<S>) {
    // Most series of a query that leaves out those without samples may have none.
    this.shared = new SharedArrays(query.arrays, query.onlyWithSamples === true ? 1 : query.series.length);
    if (query.onlyWithSamples !== true) this.ids = ascendingIds(query.series);
  }

  /**
   * Creates a column for each series. If only series with samples are wanted, no column is created yet, because most series may
   * have no samples.
   */
  static async of<S extends ReadSeries>(query: ColumnQuery<S>, turns: Turns): Promise<QueriedColumns<S>> {
    const columns = new QueriedColumns(query);
    if (query.onlyWithSamples === true) return columns;
    const { series } = query;
    for (let place = 0; place < series.length; place++) {
      columns.add(series[place]!);
      if (turns.isUp) await turns.give();
    }
    return columns;
  }

  /** Returns the column of a series, or undefined if the query does not include the series. */
  find(id: number): SampleColumn<S> | undefined {
    if (this.ids !== undefined) {
      const place = this.placeOf(id, this.ids);
      return place < 0 ? undefined : this.columns[place];
    }
    const column = this.byId.get(id);
    if (column !== undefined || this.query.onlyWithSamples !== true) return column;
    const series = withId(this.query.series, id);
    return series === undefined ? undefined : this.add(series);
  }

  private add(series: S): SampleColumn<S> {
    const made = new SampleColumn(series, this.query, this.shared);
    this.columns.push(made);
    if (this.ids === undefined) this.byId.set(series.id, made);
    return made;
  }

  /** Returns the place of an id, or -1. */
  private placeOf(id: number, ids: Int32Array): number {
    let place = this.next;
    if (ids[place] !== id) {
      place = firstNotBelow(ids.length, (index) => ids[index]! < id);
      if (ids[place] !== id) return -1;
    }
    this.next = place + 1;
    return place;
  }

  /** Returns the ids of the queried series that fulfil a condition, even of those that have no column. */
  async queriedIds(isWanted: (series: S) => boolean, turns: Turns): Promise<number[]> {
    const ids: number[] = [];
    for (const series of this.query.series) {
      if (isWanted(series)) ids.push(series.id);
      if (turns.isUp) await turns.give();
    }
    return ids;
  }

  /** Returns the ids of the series whose columns fulfil a condition. */
  async idsWhere(isWanted: (column: SampleColumn<S>) => boolean, turns: Turns): Promise<number[]> {
    return (await this.seriesWhere(isWanted, turns)).map(({ id }) => id);
  }

  /** Returns the series whose columns fulfil a condition. */
  async seriesWhere(isWanted: (column: SampleColumn<S>) => boolean, turns: Turns): Promise<S[]> {
    const wanted: S[] = [];
    for (let place = 0; place < this.columns.length; place++) {
      const column = this.columns[place]!;
      if (isWanted(column)) wanted.push(column.series);
      if (turns.isUp) await turns.give();
    }
    return wanted;
  }

  /**
   * Returns the samples that were read, in the order of the query's series.
   *
   * @param replacements samples that replace those of the columns of the same series
   */
  async toSamples(turns: Turns, replacements: readonly SeriesSamples<S>[] = []): Promise<SeriesSamples<S>[]> {
    const replacing = new Map(replacements.map((each) => [each.series, each]));
    let columns: readonly SampleColumn<S>[] = this.columns;
    if (this.query.onlyWithSamples === true) {
      columns = await sortedInTurns([...columns], (a, b) => a.series.id - b.series.id);
    }
    const samples: SeriesSamples<S>[] = [];
    for (let place = 0; place < columns.length; place++) {
      const column = columns[place]!;
      const each = (replacing.size > 0 ? replacing.get(column.series) : undefined) ?? column.toSamples();
      if (each.values.length > 0 || this.query.onlyWithSamples !== true) samples.push(each);
      if (turns.isUp) await turns.give();
    }
    return samples;
  }

  /** Returns the times of an evenly spread part of the samples that were read, in ascending order. */
  spread(count: number): Float64Array {
    const stride = Math.max(1, Math.ceil(count / SPREAD_TIMES));
    const times: number[] = [];
    let skip = 0;
    for (const column of this.columns) {
      for (const timestamps of column.timestampsSoFar()) {
        for (; skip < timestamps.length; skip += stride) times.push(timestamps[skip]!);
        skip -= timestamps.length;
      }
    }
    return Float64Array.from(times).toSorted();
  }
}

/** @param series the series in the order of their ids */
function withId<S extends ReadSeries>(series: readonly S[], id: number): S | undefined {
  const found = series[firstNotBelow(series.length, (index) => series[index]!.id < id)];
  return found?.id === id ? found : undefined;
}

/** Returns the first index below a length that is not below a sought place, or the length if there is none. */
function firstNotBelow(length: number, isBelow: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBelow(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Returns the ids of series, or undefined if they are not in ascending order. */
function ascendingIds(series: readonly ReadSeries[]): Int32Array | undefined {
  const ids = new Int32Array(series.length);
  for (let index = 0; index < ids.length; index++) {
    ids[index] = series[index]!.id;
    if (index > 0 && ids[index]! <= ids[index - 1]!) return undefined;
  }
  return ids;
}
