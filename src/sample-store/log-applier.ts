import { Injectable } from '@nestjs/common';
import { Catalog } from '../catalog/catalog.js';
import type { Series } from '../catalog/series.js';
import { LiveValues } from '../exposition/live-values.js';
import type { LogRow } from './log.repository.js';

/** Shows rows that were read from the log in the live values, and remembers how far each writer has been read. */
@Injectable()
export class LogApplier {
  /** The newest sequence applied of each writer. */
  readonly applied = new Map<number, number>();

  constructor(
    private readonly catalog: Catalog,
    private readonly liveValues: LiveValues,
  ) {}

  /** Rows of one writer have to come in the order of their sequences. */
  async apply(rows: readonly LogRow[]): Promise<void> {
    // Before anything is applied: a row is shown whole or not at all, also if Postgres goes away in between.
    await this.fetchUnknownSeries(rows);
    for (const { writerId, sequence, receivedAt, seriesIds, timestamps, values } of rows) {
      const known = this.knownSamples(seriesIds, values, timestamps);
      this.liveValues.apply({ ...known, receivedAt, writerId, sequence });
      this.applied.set(writerId, sequence);
    }
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
