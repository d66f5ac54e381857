import type { Series } from '../../catalog/series/series.js';
import type { Turns } from '../../scheduling/turns.js';
import type { ReadSeries, SeriesSamples } from './columns/series-samples.js';
import { SampleRoom } from './columns/collected-samples.js';
import type { SampleArrays } from './columns/sample-arrays.js';
import { findFallingSeries, openBlocksOf, readBlockSums, readSumsSince, visitMembers } from './blocks/block-reader.js';
import { findOlderSamples } from './blocks/older-samples.js';
import type { StoredSums } from './edge-sums.js';
import { QueriedColumns } from './columns/queried-columns.js';
import type { ChunkFilter, StoreView } from './store-view.js';

export interface SampleQuery<S extends ReadSeries = Series> {
  readonly series: readonly S[];
  /** The start in milliseconds since the epoch, inclusive. */
  readonly from: number;
  /** The end in milliseconds since the epoch, exclusive. */
  readonly to: number;
  /** Whether {@link SeriesSamples.before} is needed. */
  readonly needsBefore?: boolean;
  /** A series with a sample between `from` and this time may lack {@link SeriesSamples.before}, unless it is a delta counter. */
  readonly firstValueAt?: number | undefined;
  /**
   * The only times at which the totals of counters matter, as in SelectRequest: whole milliseconds since the epoch, in ascending
   * order. For delta counters that never fall in the range, sums replace the samples between these times.
   */
  readonly edges?: Float64Array | undefined;
  /**
   * True to leave out series without samples in the range. This is for a query of many series, of which few may have samples.
   * The series must be in the order of their ids, and `before` is not read.
   */
  readonly onlyWithSamples?: boolean;
  /** Maximum number of samples in the range. If there are more, reading fails. */
  readonly maxSamples: number;
  /** The arrays for samples, if the caller can say when they are no longer needed. */
  readonly arrays?: SampleArrays | undefined;
  /** Ends the reading between two pages when the client no longer waits for the answer. */
  readonly signal?: AbortSignal;
}

/** The columns in which sums replace samples. */
interface SummedColumns {
  /** The series that have neither a stale marker nor a negative delta in blocks and chunks of the range. */
  readonly ids: ReadonlySet<number>;
  /** The number of samples that replace the summed ones so far. */
  readonly count: number;
}

/** The error for a query that found more samples than it may read. */
export class TooManySamplesError extends Error {
  override readonly name = 'TooManySamplesError';

  /** @param times the times of some of the samples that were found, in ascending order */
  constructor(
    readonly maxSamples: number,
    readonly times: Float64Array,
  ) {
    super(`More than ${maxSamples} samples match.`);
  }
}

/**
 * Maximum number of series for which Postgres filters log rows. Postgres compares arrays with nested loops, and 10,000 ids and
 * a log row of 10,000 samples took 160 ms. Decoding that row takes only 3 ms.
 */
export const MAX_FILTERED_SERIES = 100;

/**
 * Reads the samples of some series over a half-open range, from one view of the store.
 *
 * @returns one entry for each series of the query, in the same order; series without samples are left out if `onlyWithSamples`
 *   is set
 * @throws TooManySamplesError, or the reason of the signal if it is aborted
 */
export async function readSamples<S extends ReadSeries>(
  view: StoreView,
  query: SampleQuery<S>,
  turns: Turns,
): Promise<SeriesSamples<S>[]> {
  const columns = await QueriedColumns.of(query, turns);
  if (query.needsBefore) await readTotals(view, columns, query, turns);
  const summed = await readSums(view, columns, query, turns);
  const count = await readArchive(view, columns, query, { summed, turns });
  await readLog(view, columns, query, { count, turns });
  if (query.needsBefore) await readOlder(view, columns, query, turns);
  const again = await columns.seriesWhere(({ needsSamples }) => needsSamples, turns);
  if (again.length === 0) return columns.toSamples(turns);
  const asIs = { ...query, series: again, edges: undefined, onlyWithSamples: false };
  return columns.toSamples(turns, await readSamples(view, asIs, turns));
}

/** Adds the stored sums of blocks and chunks in which no edge lies, for series whose samples may be replaced by sums. */
async function readSums<S extends ReadSeries>(
  view: StoreView,
  columns: QueriedColumns<S>,
  { from, to, needsBefore = false, edges, maxSamples, signal }: SampleQuery<S>,
  turns: Turns,
): Promise<SummedColumns> {
  let count = 0;
  if (edges === undefined) return { ids: new Set(), count };
  const seriesIds = await columns.queriedIds(({ canOnlyRise }) => canOnlyRise, turns);
  if (seriesIds.length === 0) return { ids: new Set(), count };
  const query = { seriesIds, from, to, edges };
  // Sums are used only if neither the chunks nor the blocks of a series contain a stale marker or a negative delta.
  const fallsInBlocks = await findFallingSeries(view.blocks, query);
  const rising = new Set(seriesIds.filter((id) => !fallsInBlocks(id)));
  const add = async (seriesId: number, sums: StoredSums): Promise<void> => {
    signal?.throwIfAborted();
    if (sums.sums.length === 0) return;
    count += columns.find(seriesId)!.addSums(sums, edges, needsBefore);
    if (count > maxSamples) throw new TooManySamplesError(maxSamples, columns.spread(count));
    await turns.give();
  };
  for await (const page of view.chunkSums(query)) {
    for (const row of page) {
      if (!row.onlyRises) rising.delete(row.seriesId);
      else if (rising.has(row.seriesId)) await add(row.seriesId, row);
    }
  }
  const left = { ...query, seriesIds: [...rising] };
  for await (const sums of readBlockSums(view.blocks, left, turns)) await add(sums.seriesId, sums);
  return { ids: rising, count };
}

/**
 * Starts to compute the totals of delta counters before the range. This goes backwards from their present totals, so that late
 * samples, or samples dropped by retention, never require a change of stored blocks.
 */
async function readTotals<S extends ReadSeries>(
  view: StoreView,
  columns: QueriedColumns<S>,
  { to }: SampleQuery<S>,
  turns: Turns,
): Promise<void> {
  const summed = await columns.idsWhere(({ series }) => series.kind === 'delta', turns);
  if (summed.length === 0) return;
  for (const { id, total, total_low } of await view.totalsOf(summed)) {
    columns.find(id)!.startFrom(total, total_low);
    await turns.give();
  }
  for await (const page of view.deltaSumsSince(summed, to)) {
    for (const { seriesId, sums, lows } of page) {
      const column = columns.find(seriesId)!;
      for (let index = 0; index < sums.length; index++) column.takeOff(sums[index]!, lows[index]!);
      await turns.give();
    }
  }
  for await (const { seriesId, sum, low } of readSumsSince(view.blocks, summed, to, turns)) {
    columns.find(seriesId)!.takeOff(sum, low);
  }
}

/**
 * Finds the last sample before the range of each series that is not pushed as deltas. If a block that contains the start of the
 * range, or the log, has such a sample, only newer ones are searched for, so that other blocks rarely have to be opened.
 */
async function readOlder<S extends ReadSeries>(
  view: StoreView,
  columns: QueriedColumns<S>,
  { from, firstValueAt = -Infinity }: SampleQuery<S>,
  turns: Turns,
): Promise<void> {
  const held = await columns.idsWhere(
    ({ series, earliestAt }) => series.kind !== 'delta' && earliestAt > firstValueAt,
    turns,
  );
  if (held.length === 0) return;
  for (const { series_id, id, at, value } of await view.lastSamplesBefore(held, from)) {
    columns.find(series_id)!.setOlder(at.getTime(), value, Number(id));
    await turns.give();
  }
  const knownAt = (seriesId: number) => columns.find(seriesId)!.olderAt;
  for await (const { seriesId, at, value, id } of findOlderSamples(view.blocks, held, from, turns, knownAt)) {
    columns.find(seriesId)!.setOlder(at, value, id);
  }
}

/** @returns the number of samples in the range */
async function readArchive<S extends ReadSeries>(
  view: StoreView,
  columns: QueriedColumns<S>,
  { series, from, to, needsBefore = false, edges, maxSamples, signal }: SampleQuery<S>,
  { summed, turns }: { readonly summed: SummedColumns; readonly turns: Turns },
): Promise<number> {
  let { count } = summed;
  const range = { from, to, isWithRest: needsBefore };
  const rest = series.map(({ id }) => id).filter((id) => !summed.ids.has(id));
  const room = new SampleRoom();
  const filters: ChunkFilter[] = [];
  if (rest.length > 0) filters.push({ ...range, seriesIds: rest });
  if (edges !== undefined && summed.ids.size > 0) filters.push({ ...range, seriesIds: [...summed.ids], edges });
  for (const filter of filters) {
    for await (const page of view.chunks(filter)) {
      signal?.throwIfAborted();
      for (const row of page) count += columns.find(row.seriesId)!.addChunk(row, needsBefore, filter.edges);
      if (count > maxSamples) throw new TooManySamplesError(maxSamples, columns.spread(count));
      await turns.give();
    }
    for await (const opened of openBlocksOf(view.blocks, filter, turns)) {
      signal?.throwIfAborted();
      for (let next = 0; next < opened.members.length;) {
        next = visitMembers(opened, next, (member, seriesId) => {
          count += columns.find(seriesId)!.addMember(member, needsBefore, filter.edges, room);
          if (count > maxSamples) throw new TooManySamplesError(maxSamples, columns.spread(count));
          return !turns.isUp;
        });
        if (turns.isUp) await turns.give();
      }
    }
  }
  return count;
}

async function readLog<S extends ReadSeries>(
  view: StoreView,
  columns: QueriedColumns<S>,
  { series, from, to, needsBefore, maxSamples, signal }: SampleQuery<S>,
  state: { count: number; readonly turns: Turns },
): Promise<void> {
  const filter = {
    seriesIds: series.length > MAX_FILTERED_SERIES ? undefined : series.map(({ id }) => id),
    from: needsBefore ? undefined : from,
    to,
  };
  for await (const page of view.rows(filter)) {
    signal?.throwIfAborted();
    for (const { seriesIds, timestamps, values, receivedAt } of page) {
      for (let index = 0; index < seriesIds.length; index++) {
        const at = timestamps === null ? receivedAt : timestamps[index]!;
        if (at >= to || (at < from && !needsBefore)) continue;
        if (columns.find(seriesIds[index]!)?.addLogSample(at, values[index]!)) state.count++;
      }
      if (state.count > maxSamples) throw new TooManySamplesError(maxSamples, columns.spread(state.count));
    }
    await state.turns.give();
  }
}
