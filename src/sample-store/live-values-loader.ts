import { Injectable } from '@nestjs/common';
import { Catalog } from '../catalog/catalog.js';
import type { Series } from '../catalog/series.js';
import { LiveValues } from '../exposition/live-values.js';
import { LogRepository, type LogRow } from './log.repository.js';

/** Rebuilds the live values at start: the totals that the fold left, and on top the rows still in the log. */
@Injectable()
export class LiveValuesLoader {
  constructor(
    private readonly reader: LogRepository,
    private readonly catalog: Catalog,
    private readonly liveValues: LiveValues,
  ) {}

  load(): Promise<void> {
    return this.reader.withSnapshot(async (snapshot) => {
      for await (const page of snapshot.totals()) {
        for (const row of page) {
          const series = this.catalog.findSeriesById(row.id);
          if (series === undefined) continue;
          this.liveValues.restore(series, {
            total: row.total,
            totalLow: row.total_low,
            lastValue: row.last_value,
            lastAt: row.last_at?.getTime() ?? null,
          });
        }
      }
      for await (const page of snapshot.rows()) for (const row of page) await this.apply(row);
    });
  }

  private async apply(row: LogRow): Promise<void> {
    const series = await this.seriesOf(row.seriesIds);
    this.liveValues.apply({
      series,
      values: row.values,
      timestamps: row.timestamps,
      receivedAt: row.receivedAt,
      writerId: row.writerId,
      sequence: row.sequence,
    });
  }

  /** Series that another process has made since the catalog was loaded are fetched. */
  private async seriesOf(ids: Int32Array): Promise<Series[]> {
    const unknown = new Set<number>();
    for (const id of ids) if (this.catalog.findSeriesById(id) === undefined) unknown.add(id);
    if (unknown.size > 0) await this.catalog.fetchSeries([...unknown]);
    return Array.from(ids, (id) => this.catalog.findSeriesById(id)!);
  }
}
