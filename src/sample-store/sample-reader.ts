import { Injectable } from '@nestjs/common';
import type { Series } from '../catalog/series.js';
import { HistorySnapshots } from './history-snapshot.repository.js';
import { SampleColumn, type SeriesSamples } from './sample-column.js';
import type { StoreSnapshot } from './store-snapshot.repository.js';

export interface SampleQuery {
  readonly series: readonly Series[];
  /** Inclusive, ms since the epoch. */
  readonly from: number;
  /** Exclusive, ms since the epoch. */
  readonly to: number;
  /** Whether {@link SeriesSamples.before} is needed. */
  readonly needsBefore?: boolean;
  /** Samples in the range after which reading stops. */
  readonly maxSamples: number;
  /** Ends the reading between two pages, when nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
}

/** The query met more samples than it may read. */
export class TooManySamplesError extends Error {
  override readonly name = 'TooManySamplesError';

  constructor(readonly maxSamples: number) {
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
   * @returns one entry for each series asked for, in the same order, also where it has no samples
   * @throws TooManySamplesError, or the signal's reason
   */
  async read(query: SampleQuery): Promise<SeriesSamples[]> {
    const columns = new Map(query.series.map((series) => [series.id, new SampleColumn(series, query)]));
    await this.snapshots.withSnapshot(async (snapshot) => {
      if (query.needsBefore) await this.readBefore(snapshot, columns, query);
      const count = await this.readChunks(snapshot, columns, query);
      await this.readLog(snapshot, columns, query, count);
    });
    return [...columns.values()].map((column) => column.toSamples());
  }

  /**
   * Begins what held before the range: of a delta counter from its total backwards, so that samples which come late, or are
   * dropped by retention, never have to be made up for in chunks that are there already.
   */
  private async readBefore(
    snapshot: StoreSnapshot,
    columns: ReadonlyMap<number, SampleColumn>,
    { from, to }: SampleQuery,
  ): Promise<void> {
    const idsOf = (isWanted: (column: SampleColumn) => boolean) =>
      [...columns.values()].filter(isWanted).map(({ series }) => series.id);
    const summed = idsOf(({ series }) => series.kind === 'delta');
    if (summed.length > 0) {
      for (const { id, total, total_low } of await snapshot.totalsOf(summed)) {
        columns.get(id)!.startFrom(total, total_low);
      }
      for await (const page of snapshot.deltaSumsSince(summed, to)) {
        for (const { seriesId, sums, lows } of page) {
          const column = columns.get(seriesId)!;
          for (let index = 0; index < sums.length; index++) column.takeOff(sums[index]!, lows[index]!);
        }
      }
    }
    const held = idsOf(({ series }) => series.kind !== 'delta');
    if (held.length > 0) {
      for (const { series_id, id, at, value } of await snapshot.lastSamplesBefore(held, from)) {
        columns.get(series_id)!.setOlder(at.getTime(), value, Number(id));
      }
    }
  }

  /** @returns samples in the range */
  private async readChunks(
    snapshot: StoreSnapshot,
    columns: ReadonlyMap<number, SampleColumn>,
    { from, to, needsBefore = false, maxSamples, signal }: SampleQuery,
  ): Promise<number> {
    let count = 0;
    const filter = { seriesIds: [...columns.keys()], from, to, isWithRest: needsBefore };
    for await (const page of snapshot.chunks(filter)) {
      signal?.throwIfAborted();
      for (const row of page) count += columns.get(row.seriesId)!.addChunk(row, needsBefore);
      if (count > maxSamples) throw new TooManySamplesError(maxSamples);
    }
    return count;
  }

  private async readLog(
    snapshot: StoreSnapshot,
    columns: ReadonlyMap<number, SampleColumn>,
    { from, to, needsBefore, maxSamples, signal }: SampleQuery,
    alreadyRead: number,
  ): Promise<void> {
    let count = alreadyRead;
    const filter = {
      seriesIds: columns.size > MAX_FILTERED_SERIES ? undefined : [...columns.keys()],
      from: needsBefore ? undefined : from,
      to,
    };
    for await (const page of snapshot.rows(filter)) {
      signal?.throwIfAborted();
      for (const { seriesIds, timestamps, values, receivedAt } of page) {
        for (let index = 0; index < seriesIds.length; index++) {
          const column = columns.get(seriesIds[index]!);
          if (column?.addLogSample(timestamps === null ? receivedAt : timestamps[index]!, values[index]!)) count++;
        }
        if (count > maxSamples) throw new TooManySamplesError(maxSamples);
      }
    }
  }
}
