import { Injectable } from '@nestjs/common';
import { Catalog } from '../catalog/catalog.js';
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
      const series = Array.from(seriesIds, (id) => this.catalog.findSeriesById(id)!);
      this.liveValues.apply({ series, values, timestamps, receivedAt, writerId, sequence });
      this.applied.set(writerId, sequence);
    }
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
