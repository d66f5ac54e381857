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
  /** Inclusive, ms since the epoch. */
  readonly from: number;
  /** Exclusive, ms since the epoch. */
  readonly to: number;
  /** Whether {@link SeriesSamples.before} is needed. */
  readonly needsBefore?: boolean;
  /**
   * The only times, ascending, whole ms since the epoch, at which the totals of counters matter, as SelectRequest has them: of
   * those that take deltas and never fall in the range, sums come instead of the samples between. Not without `needsBefore`.
   */
  readonly edges?: Float64Array | undefined;
  /**
   * Leaves out series without samples in the range, for who asks for many series of which few may have any. The series must be
   * in the order of their ids, and `before` is not read.
   */
  readonly onlyWithSamples?: boolean;
  /** Samples in the range after which reading stops. */
  readonly maxSamples: number;
  /** Ends the reading between two pages, when nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
}

/** Columns that have sums of some chunks already. */
interface SummedColumns {
  readonly ids: ReadonlySet<number>;
  /** Samples that stand for the sums. */
  readonly count: number;
}

/** The query met more samples than it may read. */
export class TooManySamplesError extends Error {
  override readonly name = 'TooManySamplesError';

  /** @param times of some of the samples that were met, ascending */
  constructor(
    readonly maxSamples: number,
    readonly times: Float64Array,
  ) {
    super(`More than ${maxSamples} samples match.`);
  }
}

/**
 * Postgres compares arrays by nested loops: 10,000 ids against a log row of 10,000 samples took 160 ms, decoding that row
 * takes 3. So only a few ids are looked for there.
 */
const MAX_FILTERED_SERIES = 100;

/** The one reader of samples, for history and for everything that asks it: chunks and log as one. */
@Injectable()
export class SampleReader {
  constructor(private readonly snapshots: HistorySnapshots) {}

  /**
   * Reads the samples of some series over a half-open range, from one consistent view.
   *
   * @returns one entry for each series asked for, in the same order, also where it has no samples unless `onlyWithSamples`
   * @throws TooManySamplesError, or the signal's reason
   */
  async read(query: SampleQuery): Promise<SeriesSamples[]> {
    return this.snapshots.withSnapshot((snapshot) => this.readFrom(snapshot, query));
  }

  /**
   * Answers several queries from the same consistent view, one after the other.
   *
   * @param maxSamples of all of them
   * @returns the answer of each, in the same order
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
    // By their ids other series would be found.
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

  /** Adds the sums of chunks in which no edge lies, to the columns that may have them. */
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
   * Begins what held before the range: of a delta counter from its total backwards, so that samples which come late, or are
   * dropped by retention, never have to be made up for in chunks that are there already.
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

  /** @returns samples in the range */
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
