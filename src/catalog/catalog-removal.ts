import { Injectable } from '@nestjs/common';
import { Catalog } from './catalog.js';
import { RemovalRepository } from './removal.repository.js';
import type { Series } from './series.js';

/**
 * Deletes metrics and series on purpose. They are gone at once, here and in Postgres; other processes learn of it as they
 * learn of everything (see CatalogNews). What was stored of them is cleared away by the sample store.
 */
@Injectable()
export class CatalogRemoval {
  constructor(
    private readonly catalog: Catalog,
    private readonly repository: RemovalRepository,
  ) {}

  /** Deletes metrics with all their series; the names are free for metrics of another type. */
  async deleteMetrics(metrics: readonly { readonly id: number }[]): Promise<void> {
    this.catalog.drop({ metricIds: await this.repository.deleteMetrics(metrics.map(({ id }) => id)) });
  }

  /** Deletes series; the next push with the same labels makes new ones, whose totals begin at 0. */
  async deleteSeries(series: readonly Series[]): Promise<void> {
    this.catalog.drop({ seriesIds: await this.repository.deleteSeries(series.map(({ id }) => id)) });
  }
}
