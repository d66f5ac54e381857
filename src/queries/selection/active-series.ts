import { Injectable } from '@nestjs/common';
import type { Series } from '../../catalog/series/series.js';
import { LiveValues } from '../../live-values/live-values.js';
import { TooManySamplesError } from '../../sample-store/reading/read-samples.js';
import { SampleReader } from '../../sample-store/reading/sample-reader.js';
import { sortedInTurns } from '../../sample-store/reading/sorted-in-turns.js';
import { Turns } from '../../scheduling/turns.js';

/** A half-open time range in milliseconds since the epoch. */
export interface ActiveRange {
  readonly from: number;
  readonly to: number;
}

/** The limits and options of a search. */
export interface ActiveSearch {
  /** Maximum number of samples that the search reads. */
  readonly maxSamples: number;
  /** Ends the search when the client no longer waits for it. */
  readonly signal?: AbortSignal | undefined;
  /** Runs a read when its turn comes. By default, a read runs immediately. */
  readonly read?: <T>(task: () => Promise<T>) => Promise<T>;
}

/** The minimum factor by which a window shrinks if it has too many samples. */
const SHRINK = 4;

/** Maximum number of samples that are read at a time: about 10 MB while they are decoded. */
const SAMPLES_PER_READ = 250_000;

/**
 * Finds the series that have samples in a time range.
 *
 * The live values know the newest sample of every series. That is enough to decide about most series, because most ranges end
 * now. Only series whose newest sample is later than the range need reading. The search first reads the whole range or, if it has
 * too many samples, only its end. Every further read leaves out the series that were already found, so only few samples of a
 * series that is pushed regularly are read.
 *
 * The live values contain the pushes of other processes a quarter of a second later. A series that has just been created is
 * looked up in the store until then.
 */
@Injectable()
export class ActiveSeries {
  constructor(
    private readonly reader: SampleReader,
    private readonly liveValues: LiveValues,
  ) {}

  /**
   * Finds the series with at least one sample in a range. Stale markers count as samples.
   *
   * @throws TooManySamplesError, or the reason of the signal if it is aborted
   */
  async find(candidates: Iterable<Series>, range: ActiveRange, search: ActiveSearch): Promise<ReadonlySet<Series>> {
    const turns = new Turns();
    const active = new Set<Series>();
    const unknown: Series[] = [];
    for (const series of candidates) {
      const newestAt = this.liveValues.newestAtOf(series);
      if (newestAt >= range.from && newestAt < range.to) active.add(series);
      else if (!(newestAt < range.from)) unknown.push(series);
      if (turns.isUp) {
        await turns.give();
        search.signal?.throwIfAborted();
      }
    }
    if (unknown.length > 0) await this.readActive(await byId(unknown), range, search, active);
    return active;
  }

  /** Adds the series with samples in a range to `active`. */
  private async readActive(
    series: readonly Series[],
    { from, to }: ActiveRange,
    search: ActiveSearch,
    active: Set<Series>,
  ): Promise<void> {
    let left = search.maxSamples;
    let rest = series;
    let end = to;
    let width = to - from;
    while (end > from && rest.length > 0) {
      const start = Math.max(from, end - width);
      const allowed = Math.min(left, SAMPLES_PER_READ);
      const found = await this.tryRead(rest, { from: start, to: end }, allowed, search);
      if (found instanceof TooManySamplesError) {
        if (allowed === left) throw found;
        if (rest.length === 1) {
          active.add(rest[0]!);
          return;
        }
        if (end - start <= 1) {
          // A window cannot be shorter than a millisecond, so the series are searched in halves.
          const middle = Math.ceil(rest.length / 2);
          for (const half of [rest.slice(0, middle), rest.slice(middle)]) {
            await this.readActive(half, { from, to: end }, { ...search, maxSamples: left }, active);
          }
          return;
        }
        const densest = found.times[Math.floor(found.times.length * (1 - 1 / SHRINK))] ?? start;
        width = Math.max(1, Math.floor(Math.min((end - start) / SHRINK, end - densest)));
        continue;
      }
      for (const { series: each, values } of found) {
        active.add(each);
        left -= values.length;
      }
      if (found.length > 0) rest = rest.filter((each) => !active.has(each));
      end = start;
      // Most of the remaining series have no samples in the range, so one read of the remaining time is usually enough.
      width = end - from;
    }
  }

  private async tryRead(
    series: readonly Series[],
    { from, to }: ActiveRange,
    maxSamples: number,
    { signal, read = (task) => task() }: ActiveSearch,
  ): Promise<Awaited<ReturnType<SampleReader['read']>> | TooManySamplesError> {
    try {
      return await read(() => {
        signal?.throwIfAborted();
        return this.reader.read({ series, from, to, maxSamples, onlyWithSamples: true, ...(signal && { signal }) });
      });
    } catch (error) {
      if (error instanceof TooManySamplesError) return error;
      throw error;
    }
  }
}

async function byId(series: readonly Series[]): Promise<readonly Series[]> {
  return sortedInTurns(series, (a, b) => a.id - b.id);
}
