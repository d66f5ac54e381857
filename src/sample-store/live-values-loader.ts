import { Injectable } from '@nestjs/common';
import { Catalog } from '../catalog/catalog.js';
import { LiveValues } from '../exposition/live-values.js';
import { LogApplier } from './log-applier.js';
import { LogRepository } from './log.repository.js';

/** Rebuilds the live values at start: the totals that the fold left, and on top the rows still in the log. */
@Injectable()
export class LiveValuesLoader {
  constructor(
    private readonly log: LogRepository,
    private readonly catalog: Catalog,
    private readonly liveValues: LiveValues,
    private readonly applier: LogApplier,
  ) {}

  load(): Promise<void> {
    return this.log.withSnapshot(async (snapshot) => {
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
      for await (const page of snapshot.rows()) await this.applier.apply(page);
    });
  }
}
