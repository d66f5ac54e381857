import { Injectable } from '@nestjs/common';
import type { Series } from '../../catalog/series/series.js';
import { DatabaseChangedError } from '../../database/known-database.js';
import { HistorySnapshots } from './history-snapshot.repository.js';
import { type SampleColumn, type SeriesSamples } from '../log/sample-column.js';
import { QueriedColumns } from './queried-columns.js';
import type { ChunkFilter, StoreSnapshot } from './store-snapshot.repository.js';
import { Turns } from '../../scheduling/turns.js';

export interface SampleQuery {
  readonly series: readonly Series[];
  /** Inclusive, in milliseconds since the epoch. */
  readonly from: number;
  /** Exclusive, in milliseconds since the epoch. */
  readonly to: number;
  /** Whether {@link SeriesSamples.before} is needed. */
  readonly needsBefore?: boolean;
  /**
   * The only times at which the totals of counters matter, as in SelectRequest: whole milliseconds since the epoch, in ascending
   * order. For delta counters that never fall in the range, sums replace the samples between these times. This requires
   * `needsBefore`.
   */
  readonly edges?: Float64Array | undefined;
  /**
   * Leaves out series without samples in the range, for a query of many series of which few may have samples. The series must be
   * in the order of their ids, and `before` is not read.
   */
  readonly onlyWithSamples?: boolean;
  /** Maximum number of samples in the range; reading more fails. */
  readonly maxSamples: number;
  /** Ends the reading between two pages, when the client no longer waits for the answer. */
  readonly signal?: AbortSignal;
}

/** The columns that have sums of some chunks. */
interface SummedColumns {
  readonly ids: ReadonlySet<number>;
  /** Number of samples that replace the summed ones. */
  readonly count: number;
}

/** Says that a query found more samples than it may read. */
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
 * Maximum number of series for which Postgres filters log rows. It compares arrays by nested loops: 10,000 ids and a log row of
 * 10,000 samples took 160 ms, while decoding that row takes 3 ms.
 */
const MAX_FILTERED_SERIES = 100;

/** Reads samples for all queries, from chunks and log together. */
@Injectable()
export class SampleReader {
  constructor(private readonly snapshots: HistorySnapshots) {}

  /**
   * Reads the samples of some series over a half-open range, from one consistent view.
   *
   * @returns one entry for each series of the query, in the same order; series without samples are left out if `onlyWithSamples`
   *   is set
   * @throws TooManySamplesError, or the reason of the signal
   */
  async read(query: SampleQuery): Promise<SeriesSamples[]> {
    return this.snapshots.withSnapshot((snapshot) => this.readFrom(snapshot, query));
  }

  /**
   * Answers several queries from the same consistent view, one after the other.
   *
   * @param maxSamples the limit of all queries together
   * @returns the answer to each query, in the same order
   * @throws TooManySamplesError, or the reason of a signal
   */
  async readAll(queries: readonly Omit<SampleQuery, 'maxSamples'>[], maxSamples: number): Promise<SeriesSamples[][]> {
    return this.snapshots.withSnapshot(async (snapshot) => {
      const answers: SeriesSamples[][] = [];
      let left = maxSamples;
      for (const query of queries) {
        query.signal?.throwIfAborted();
        const samples = await this.readFrom(snapshot, { ...query, maxSamples: left });
        for (const { values } of samples) left -= values.length;
        answers.push(samples);
      }
      return answers;
    });
  }

  private async readFrom(snapshot: StoreSnapshot, query: SampleQuery): Promise<SeriesSamples[]> {
    // In the present database, the ids of these series belong to other series.
    if (query.series.some(({ isForeign }) => isForeign)) throw new DatabaseChangedError();
    const turns = new Turns();
    const columns = await QueriedColumns.of(query, turns);
    if (query.needsBefore) await this.readBefore(snapshot, columns, query, turns);
    const summed = await this.readSums(snapshot, columns, query, turns);
    const count = await this.readChunks(snapshot, columns, query, { summed, turns });
    await this.readLog(snapshot, columns, query, { count, turns });
    const again = [...columns].filter(({ needsSamples }) => needsSamples).map(({ series }) => series);
    const samplesOfSummed =
      again.length > 0 ? await this.readFrom(snapshot, { ...query, series: again, edges: undefined }) : [];
    let next = 0;
    return columns.toSamples(turns, ({ needsSamples }) => (needsSamples ? samplesOfSummed[next++] : undefined));
  }

  /** Adds, for series whose samples may be replaced by sums, the stored sums of chunks in which no edge lies. */
  private async readSums(
    snapshot: StoreSnapshot,
    columns: QueriedColumns,
    { from, to, edges, maxSamples, signal }: SampleQuery,
    turns: Turns,
  ): Promise<SummedColumns> {
    const ids = new Set<number>();
    let count = 0;
    if (edges === undefined) return { ids, count };
    const seriesIds = [...columns].filter(({ series }) => series.canOnlyRise).map(({ series }) => series.id);
    if (seriesIds.length === 0) return { ids, count };
    for await (const page of snapshot.chunkSums({ seriesIds, from, to, edges })) {
      signal?.throwIfAborted();
      for (const row of page) {
        if (!row.onlyRises) continue;
        ids.add(row.seriesId);
        count += columns.find(row.seriesId)!.addSums(row, edges);
        if (count > maxSamples) throw new TooManySamplesError(maxSamples, columns.spread(count));
        await turns.give();
      }
    }
    return { ids, count };
  }

  /**
   * Starts to compute the values before the range. For a delta counter this goes backwards from its total, so that late samples,
   * or samples dropped by retention, never require a change of existing chunks.
   */
  private async readBefore(
    snapshot: StoreSnapshot,
    columns: QueriedColumns,
    { from, to }: SampleQuery,
    turns: Turns,
  ): Promise<void> {
    const idsOf = (isWanted: (column: SampleColumn) => boolean) =>
      [...columns].filter(isWanted).map(({ series }) => series.id);
    const summed = idsOf(({ series }) => series.kind === 'delta');
    if (summed.length > 0) {
      for (const { id, total, total_low } of await snapshot.totalsOf(summed)) {
        columns.find(id)!.startFrom(total, total_low);
        await turns.give();
      }
      for await (const page of snapshot.deltaSumsSince(summed, to)) {
        for (const { seriesId, sums, lows } of page) {
          const column = columns.find(seriesId)!;
          for (let index = 0; index < sums.length; index++) column.takeOff(sums[index]!, lows[index]!);
          await turns.give();
        }
      }
    }
    const held = idsOf(({ series }) => series.kind !== 'delta');
    if (held.length > 0) {
      for (const { series_id, id, at, value } of await snapshot.lastSamplesBefore(held, from)) {
        columns.find(series_id)!.setOlder(at.getTime(), value, Number(id));
        await turns.give();
      }
    }
  }

  /** @returns the number of samples in the range */
  private async readChunks(
    snapshot: StoreSnapshot,
    columns: QueriedColumns,
    { series, from, to, needsBefore = false, edges, maxSamples, signal }: SampleQuery,
    { summed, turns }: { readonly summed: SummedColumns; readonly turns: Turns },
  ): Promise<number> {
    let { count } = summed;
    const range = { from, to, isWithRest: needsBefore };
    const rest = series.map(({ id }) => id).filter((id) => !summed.ids.has(id));
    const filters: ChunkFilter[] = [];
    if (rest.length > 0) filters.push({ ...range, seriesIds: rest });
    if (edges !== undefined && summed.ids.size > 0) filters.push({ ...range, seriesIds: [...summed.ids], edges });
    for (const filter of filters) {
      for await (const page of snapshot.chunks(filter)) {
        signal?.throwIfAborted();
        for (const row of page) count += columns.find(row.seriesId)!.addChunk(row, needsBefore);
        if (count > maxSamples) throw new TooManySamplesError(maxSamples, columns.spread(count));
        await turns.give();
      }
    }
    return count;
  }

  private async readLog(
    snapshot: StoreSnapshot,
    columns: QueriedColumns,
    { series, from, to, needsBefore, maxSamples, signal }: SampleQuery,
    state: { count: number; readonly turns: Turns },
  ): Promise<void> {
    const filter = {
      seriesIds: series.length > MAX_FILTERED_SERIES ? undefined : series.map(({ id }) => id),
      from: needsBefore ? undefined : from,
      to,
    };
    for await (const page of snapshot.rows(filter)) {
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
}
