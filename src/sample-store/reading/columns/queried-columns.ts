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

/** Holds the columns that a query fills, one for each series. */
export class QueriedColumns<S extends ReadSeries> {
  private readonly byId = new Map<number, SampleColumn<S>>();
  private readonly shared: SharedArrays;

  private constructor(private readonly query: ColumnQuery<S>) {
    this.shared = new SharedArrays(query.arrays);
  }

  /**
   * Creates a column for each series. If only series with samples are wanted, no column is created yet, because most series may
   * have no samples.
   */
  static async of<S extends ReadSeries>(query: ColumnQuery<S>, turns: Turns): Promise<QueriedColumns<S>> {
    const columns = new QueriedColumns(query);
    if (query.onlyWithSamples === true) return columns;
    for (const series of query.series) {
      columns.byId.set(series.id, new SampleColumn(series, query, columns.shared));
      if (turns.isUp) await turns.give();
    }
    return columns;
  }

  /** Returns the column of a series, or undefined if the query does not include the series. */
  find(id: number): SampleColumn<S> | undefined {
    const column = this.byId.get(id);
    if (column !== undefined || this.query.onlyWithSamples !== true) return column;
    const series = withId(this.query.series, id);
    if (series === undefined) return undefined;
    const made = new SampleColumn(series, this.query, this.shared);
    this.byId.set(id, made);
    return made;
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
    for (const column of this.byId.values()) {
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
    let columns: Iterable<SampleColumn<S>> = this.byId.values();
    if (this.query.onlyWithSamples === true) {
      columns = await sortedInTurns([...columns], (a, b) => a.series.id - b.series.id);
    }
    const samples: SeriesSamples<S>[] = [];
    for (const column of columns) {
      const each = replacing.get(column.series) ?? column.toSamples();
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
    for (const column of this.byId.values()) {
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
  let low = 0;
  let high = series.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (series[middle]!.id < id) low = middle + 1;
    else high = middle;
  }
  return series[low]?.id === id ? series[low] : undefined;
}
