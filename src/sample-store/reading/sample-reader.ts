import { Injectable } from '@nestjs/common';
import { DatabaseChangedError } from '../../database/known-database.js';
import { HistorySnapshots } from './history-snapshot.repository.js';
import type { SeriesSamples } from './columns/series-samples.js';
import { NotFetchedError, OlderNotFetchedError } from './at-once/fetched-view.js';
import type { KnownExtents } from '../../catalog/series/known-extents.js';
import { MAX_FILTERED_SERIES, readSamples, type SampleQuery } from './read-samples.js';
import type { LendingStatements } from './statements.js';
import type { StoreView } from './store-view.js';
import { Turns } from '../../scheduling/turns.js';

/** Maximum number of series that are read at once, because a log row is filtered for each of them. */
export const MAX_SERIES_AT_ONCE = MAX_FILTERED_SERIES;

/** Maximum number of ranges that are read at once, because each of them may have several megabytes. */
const MAX_RANGES_AT_ONCE = 8;

/** Reads samples for all queries, from the blocks, the chunks and the log. */
@Injectable()
export class SampleReader {
  constructor(private readonly snapshots: HistorySnapshots) {}

  /**
   * Reads the samples of some series over a half-open range, from one consistent view.
   *
   * @returns one entry for each series of the query, in the same order; series without samples are left out if `onlyWithSamples`
   *   is set
   * @throws TooManySamplesError, or the reason of the signal if it is aborted
   */
  async read(query: SampleQuery): Promise<SeriesSamples[]> {
    const startedAt = performance.now();
    const atOnce = await this.readAtOnce([query], query.maxSamples);
    if (atOnce !== undefined) return atOnce[0]!;
    return this.snapshots.withSnapshot((snapshot) => this.readFrom(snapshot, query), performance.now() - startedAt);
  }

  /**
   * Answers several small queries from the same consistent view, with one statement instead of a transaction.
   *
   * @param maxSamples the limit of all queries together
   * @param extents the extents of the metrics of the series, if they have to be the same in the view of the answer
   * @returns the answer to each query, in the same order; undefined if the queries have to be answered in a transaction
   * @throws TooManySamplesError, or the reason of a signal
   */
  async readAtOnce(
    queries: readonly Omit<SampleQuery, 'maxSamples'>[],
    maxSamples: number,
    extents?: KnownExtents,
  ): Promise<SeriesSamples[][] | undefined> {
    if (queries.length > MAX_RANGES_AT_ONCE) return undefined;
    let count = 0;
    for (const { series, edges } of queries) {
      count += series.length;
      // Queries with edges are for long ranges, and need sums, which the statement does not read.
      if (count > MAX_SERIES_AT_ONCE || edges !== undefined) return undefined;
    }
    // Most queries that say from when on a value matters have samples by then, and don't need older ones.
    const needOlder = queries.some(({ needsBefore, firstValueAt }) => needsBefore && firstValueAt === undefined);
    try {
      return await this.readFetched(queries, maxSamples, { extents, hasOlder: needOlder });
    } catch (error) {
      if (error instanceof OlderNotFetchedError) {
        return this.readFetched(queries, maxSamples, { extents, hasOlder: true });
      }
      throw error;
    }
  }

  private async readFetched(
    queries: readonly Omit<SampleQuery, 'maxSamples'>[],
    maxSamples: number,
    { extents, hasOlder }: { readonly extents: KnownExtents | undefined; readonly hasOlder: boolean },
  ): Promise<SeriesSamples[][] | undefined> {
    const fetched = await this.snapshots.readAtOnce(queries, extents?.wanted ?? [], hasOlder);
    if (fetched === undefined || extents?.areStill(fetched.extents) === false) return undefined;
    try {
      return await answersOf(queries, maxSamples, (query, index) => this.readFrom(fetched.viewOf(index), query));
    } catch (error) {
      if (error instanceof NotFetchedError) return undefined;
      throw error;
    }
  }

  /**
   * Runs a task with statements that all see the same consistent view, which ends with the task.
   *
   * @param waitedMs how long the request has waited for Postgres before
   */
  withStatements<T>(task: (statements: LendingStatements) => Promise<T>, waitedMs?: number): Promise<T> {
    return this.snapshots.withSnapshot(({ lending }) => task(lending), waitedMs);
  }

  private async readFrom(view: StoreView, query: SampleQuery): Promise<SeriesSamples[]> {
    // In the current database, the ids of these series belong to other series.
    if (query.series.some(({ isForeign }) => isForeign)) throw new DatabaseChangedError();
    return readSamples(view, query, new Turns());
  }
}

/** Answers queries one after the other, within one limit. */
async function answersOf(
  queries: readonly Omit<SampleQuery, 'maxSamples'>[],
  maxSamples: number,
  read: (query: SampleQuery, index: number) => Promise<SeriesSamples[]>,
): Promise<SeriesSamples[][]> {
  const answers: SeriesSamples[][] = [];
  let left = maxSamples;
  for (const [index, query] of queries.entries()) {
    query.signal?.throwIfAborted();
    const samples = await read({ ...query, maxSamples: left }, index);
    for (const { values } of samples) left -= values.length;
    answers.push(samples);
  }
  return answers;
}
