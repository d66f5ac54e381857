import type { SelectedSeries } from '../../../promql/evaluation/series/series-source.js';
import { memberOf } from '../../../sample-store/archive/stored-blocks/bucket-members.js';
import { readSamples, TooManySamplesError } from '../../../sample-store/reading/read-samples.js';
import type { SampleArrays } from '../../../sample-store/reading/columns/sample-arrays.js';
import type { SeriesSamples } from '../../../sample-store/reading/columns/series-samples.js';
import type { StoreView } from '../../../sample-store/reading/store-view.js';
import type { Turns } from '../../../scheduling/turns.js';
import { tooManySamples } from '../answers/prometheus.error.js';
import type { WorkerQuery } from './parts/answer-parts.js';
import type { EvaluationTask, StoredInput } from './evaluation-task.js';
import { KeptLog } from './kept-log.js';
import type { NamedSeries } from './packed-names.js';
import { byLabels } from './portable-series.js';
import { viewOf } from './view-columns.js';

/** Number of series that are named in one message. */
const SERIES_PER_MESSAGE = 4_096;

/** Maximum number of series in the first slices, which are kept if all samples together are few enough. */
const SERIES_PER_KEPT_SLICE = 16_384;

/** Maximum number of samples in a slice that is dropped again. They take up to 32 MB while they are read. */
const SAMPLES_PER_SLICE = 500_000;

/** The share of {@link SAMPLES_PER_SLICE} that the next slice is planned to hold, because some series have more samples. */
const TARGET_FILL = 0.7;

/** The factor by which a slice with too many samples is made shorter, and by which the next one may be longer. */
const RESIZE = 8;

/** A worker serves nobody else while it reads. */
const NO_TURNS: Turns = { isUp: false, next: () => Promise.resolve(), give: () => Promise.resolve() };

/** Names the series that a task selects. */
export interface SeriesNames {
  /** Returns the next series of a selector, in the order of their ids. */
  nextSeries(selector: number, count: number): Promise<NamedSeries[]>;
}

type StoredSeries = SeriesSamples<NamedSeries>;

/** Reads the series of all selectors of a task from one view of the store. */
export class StoredSelections {
  private readonly view: StoreView;
  /** The number of samples that the task may still hold. */
  private samplesLeft: number;
  /** Whether there are too many series to keep all of them. */
  private readonly isTooWide: boolean;

  /**
   * @param query the query to which series that need not be present at once are added; undefined if all must be present
   * @param arrays arrays for the samples. Those that were not added to the query are needed until the end of the task.
   */
  constructor(
    private readonly task: EvaluationTask,
    private readonly stored: StoredInput,
    private readonly names: SeriesNames,
    view: StoreView,
    private readonly query: Pick<WorkerQuery, 'fold'> | undefined,
    private readonly arrays?: SampleArrays,
  ) {
    this.view = new KeptLog(view);
    this.samplesLeft = stored.maxSamples;
    this.isTooWide = stored.ranges.reduce((sum, { seriesCount }) => sum + seriesCount, 0) > stored.maxSeries;
  }

  /**
   * Reads all selections.
   *
   * @returns the series of each selector, except those that were added to the query
   * @throws PrometheusError for too many samples
   */
  async read(): Promise<SelectedSeries[][]> {
    const selected: SelectedSeries[][] = this.task.selections.map(() => []);
    // The series of a selector that is read in slices may use what the others leave.
    const selectors = [...selected.keys()].toSorted((a, b) => Number(this.isFoldable(a)) - Number(this.isFoldable(b)));
    for (const selector of selectors) {
      const kept = this.isFoldable(selector) ? await this.readInSlices(selector) : await this.readWhole(selector);
      selected[selector] = kept
        .toSorted((a, b) => byLabels(a.series, b.series))
        .map((series) => this.viewed(series, selector));
    }
    return selected;
  }

  private isFoldable(selector: number): boolean {
    return this.query !== undefined && this.stored.foldable.has(selector);
  }

  private async readWhole(selector: number): Promise<StoredSeries[]> {
    const names = await this.namesOf(selector).take(Infinity);
    this.view.blocks.prepare?.();
    const kept = await this.tryRead(selector, names, this.samplesLeft);
    if (kept === undefined) throw tooManySamples(this.stored.maxSamples);
    this.samplesLeft -= countSamples(kept);
    return kept;
  }

  /**
   * Reads the series of a selector in slices. As long as all of them fit into the limits, they are kept. Otherwise each slice is
   * added to the groups of the query and dropped.
   *
   * @returns the series that were kept
   */
  private async readInSlices(selector: number): Promise<StoredSeries[]> {
    const names = this.namesOf(selector);
    const kept: StoredSeries[] = [];
    const taken = this.arrays?.taken ?? 0;
    let samples = 0;
    while (!this.isTooWide) {
      const slice = await names.take(SERIES_PER_KEPT_SLICE);
      if (slice.length === 0) {
        this.samplesLeft -= samples;
        return kept;
      }
      const read = await this.tryRead(selector, slice, this.samplesLeft - samples);
      if (read === undefined) names.giveBack(slice);
      else for (const series of read) kept.push(series);
      samples += countSamples(read ?? []);
      // The values of all steps count like samples while they are computed.
      if (read === undefined || samples + kept.length * this.steps > this.samplesLeft) break;
    }
    this.fold(selector, kept);
    this.arrays?.giveBackTo(taken);
    await this.foldInSlices(selector, names);
    return [];
  }

  private get steps(): number {
    return this.task.kind === 'query' ? this.task.plan.steps.count : 1;
  }

  private async foldInSlices(selector: number, names: NamesOfSelector): Promise<void> {
    const taken = this.arrays?.taken ?? 0;
    let length = SERIES_PER_KEPT_SLICE / RESIZE;
    for (;;) {
      const slice = await names.take(length);
      if (slice.length === 0) return;
      const read = await this.tryRead(selector, slice, slice.length === 1 ? this.samplesLeft : this.sliceLimit);
      if (read === undefined) {
        if (slice.length === 1) throw tooManySamples(this.stored.maxSamples);
        names.giveBack(slice);
        length = Math.max(1, Math.floor(slice.length / RESIZE));
        continue;
      }
      this.fold(selector, read);
      this.arrays?.giveBackTo(taken);
      const growth = (this.sliceLimit * TARGET_FILL) / Math.max(1, countSamples(read));
      length = Math.ceil(Math.min(SERIES_PER_KEPT_SLICE, slice.length * Math.min(growth, RESIZE)));
    }
  }

  /** The maximum number of samples of a slice. The values of its steps need as much memory again. */
  private get sliceLimit(): number {
    return Math.min(SAMPLES_PER_SLICE, this.samplesLeft / 2);
  }

  /** Adds series to the query, few enough at a time that their samples and the values of all their steps fit into the limits. */
  private fold(selector: number, series: readonly StoredSeries[]): void {
    for (let first = 0; first < series.length;) {
      const part: SelectedSeries[] = [];
      for (let size = 0; first < series.length && (size < this.sliceLimit || part.length === 0); first++) {
        size += series[first]!.values.length + this.steps;
        part.push(this.viewed(series[first]!, selector));
      }
      this.query!.fold(selector, part);
    }
  }

  /** @returns undefined if there are too many samples */
  private async tryRead(
    selector: number,
    series: readonly NamedSeries[],
    maxSamples: number,
  ): Promise<StoredSeries[] | undefined> {
    const taken = this.arrays?.taken ?? 0;
    try {
      const range = this.stored.ranges[selector]!;
      const read = await readSamples(this.view, { ...range, series, maxSamples, arrays: this.arrays }, NO_TURNS);
      return read.filter(({ values, before }) => values.length > 0 || before.value !== undefined);
    } catch (error) {
      if (!(error instanceof TooManySamplesError)) throw error;
      this.arrays?.giveBackTo(taken);
      return undefined;
    }
  }

  private viewed(samples: StoredSeries, selector: number): SelectedSeries {
    return viewOf(samples.series, samples, this.task.selections[selector]!, this.task.rules);
  }

  private namesOf(selector: number): NamesOfSelector {
    const { seriesCount } = this.stored.ranges[selector]!;
    return new NamesOfSelector((count) => this.names.nextSeries(selector, count), seriesCount);
  }
}

function countSamples(series: readonly StoredSeries[]): number {
  return series.reduce((sum, { values }) => sum + values.length, 0);
}

/** The series of a selector, in the order of their ids. */
class NamesOfSelector {
  private waiting: NamedSeries[] = [];
  /** The next message. It is requested early, so that it is under way while the series of the one before it are processed. */
  private coming: Promise<NamedSeries[]> | undefined;

  /** @param unasked the number of series that were not requested yet */
  constructor(
    private readonly next: (count: number) => Promise<NamedSeries[]>,
    private unasked: number,
  ) {
    this.coming = this.ask();
  }

  /**
   * Takes the next series. If they are many, they end with the last series of a bucket, so that no block is read twice.
   *
   * @returns none after the last series
   */
  async take(count: number): Promise<NamedSeries[]> {
    while (this.coming !== undefined && this.waiting.length <= count) {
      const more = await this.coming;
      this.coming = this.ask();
      for (const each of more) this.waiting.push(each);
    }
    let end = Math.min(count, this.waiting.length);
    if (end < this.waiting.length) {
      let aligned = end;
      while (aligned > 0 && memberOf(this.waiting[aligned]!.id) > memberOf(this.waiting[aligned - 1]!.id)) aligned--;
      if (aligned > 0) end = aligned;
    }
    return this.waiting.splice(0, end);
  }

  private ask(): Promise<NamedSeries[]> | undefined {
    const count = Math.min(this.unasked, SERIES_PER_MESSAGE);
    this.unasked -= count;
    return count === 0 ? undefined : this.next(count);
  }

  /** Gives back series that could not be read together. */
  giveBack(series: readonly NamedSeries[]): void {
    this.waiting = [...series, ...this.waiting];
  }
}
