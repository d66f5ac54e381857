import { Injectable } from '@nestjs/common';
import { Catalog } from '../catalog/catalog.js';
import type { Series } from '../catalog/series.js';
import { type CommittedSamples, LiveValues } from '../exposition/live-values.js';
import type { LogRow } from './log-row.js';

/** How far each writer has been read: its newest sequence that the live values show. */
export type AppliedSequences = Map<number, number>;

/**
 * Shows what was committed in the live values, each row once: those of this process after their commit, those of others
 * when they were read from the log.
 */
@Injectable()
export class LogApplier {
  private appliedSequences: AppliedSequences = new Map();
  /** What was applied while a reload is under way, to be applied to what it loads, too. */
  private sinceReloadBegan: CommittedSamples[] | undefined;

  constructor(
    private readonly catalog: Catalog,
    private readonly liveValues: LiveValues,
  ) {}

  get applied(): ReadonlyMap<number, number> {
    return this.appliedSequences;
  }

  /** Applies what this process has committed in one row. */
  applyCommitted(parts: readonly CommittedSamples[]): void {
    for (const part of parts) this.applyOnce(part);
    this.noteApplied(parts);
  }

  /** Applies rows that others have committed. Rows of one writer have to come in the order of their sequences. */
  async apply(rows: readonly LogRow[]): Promise<void> {
    for (const samples of await this.resolve(rows)) {
      this.applyOnce(samples);
      this.noteApplied([samples]);
    }
  }

  /** Rows with their series; samples of series that were removed since are left out. */
  async resolve(rows: readonly LogRow[]): Promise<CommittedSamples[]> {
    // Before anything is applied: a row is shown whole or not at all, also if Postgres goes away in between.
    await this.fetchUnknownSeries(rows);
    return rows.map(({ writerId, sequence, receivedAt, seriesIds, timestamps, values }) => ({
      ...this.knownSamples(seriesIds, values, timestamps),
      receivedAt,
      writerId,
      sequence,
    }));
  }

  /**
   * Puts freshly loaded live values in place of the present ones, which go on being kept up to date while it loads. What
   * was applied meanwhile and was not yet in what was loaded is applied again, so that nothing that was once shown is
   * missing for a moment: a counter that falls is a restart to Prometheus.
   *
   * @param load fills empty live values and tells how far it has read each writer
   */
  async reload(load: (fresh: LiveValues) => Promise<AppliedSequences>): Promise<void> {
    this.sinceReloadBegan = [];
    try {
      const fresh = new LiveValues();
      const loaded = await load(fresh);
      const since = this.sinceReloadBegan;
      this.liveValues.replaceBy(fresh);
      this.appliedSequences = loaded;
      this.sinceReloadBegan = undefined;
      // Requests that shared a row are parts of one sequence: all of them are compared before it is noted.
      const missing = since.filter((samples) => this.isNew(samples));
      for (const samples of missing) this.liveValues.apply(samples);
      this.noteApplied(missing);
    } finally {
      this.sinceReloadBegan = undefined;
    }
  }

  private applyOnce(samples: CommittedSamples): void {
    if (!this.isNew(samples)) return;
    this.liveValues.apply(samples);
    this.sinceReloadBegan?.push(samples);
  }

  private isNew({ writerId, sequence }: CommittedSamples): boolean {
    return sequence > (this.appliedSequences.get(writerId) ?? 0);
  }

  private noteApplied(parts: readonly CommittedSamples[]): void {
    for (const part of parts) if (this.isNew(part)) this.appliedSequences.set(part.writerId, part.sequence);
  }

  /** Leaves out samples of series that were removed since; their rows in the log keep the ids. */
  private knownSamples(seriesIds: Int32Array, values: Float64Array, timestamps: Float64Array | null) {
    const series = Array.from(seriesIds, (id) => this.catalog.findSeriesById(id));
    if (!series.includes(undefined)) return { series: series as Series[], values, timestamps };
    const isKnown = (_: number, index: number) => series[index] !== undefined;
    return {
      series: series.filter((each) => each !== undefined),
      values: values.filter(isKnown),
      timestamps: timestamps?.filter(isKnown) ?? null,
    };
  }

  /** Series that another process has made. */
  private async fetchUnknownSeries(rows: readonly LogRow[]): Promise<void> {
    const unknown = new Set<number>();
    for (const { seriesIds } of rows) {
      for (const id of seriesIds) if (this.catalog.findSeriesById(id) === undefined) unknown.add(id);
    }
    if (unknown.size > 0) await this.catalog.fetchSeries([...unknown]);
  }
}
