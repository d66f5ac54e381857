import { Injectable } from '@nestjs/common';
import { KnownDatabase } from '../../database/known-database.js';
import { Catalog } from '../catalog.js';
import { RemovalRepository } from './removal.repository.js';
import type { Series } from '../series/series.js';

/**
 * Deletes metrics and series on purpose. They are gone at once, here and in Postgres; other processes learn of it as they
 * learn of everything (see CatalogChangeFeed). What was stored of them is cleared away by the sample store.
 */
@Injectable()
export class CatalogRemoval {
  constructor(
    private readonly catalog: Catalog,
    private readonly repository: RemovalRepository,
    private readonly known: KnownDatabase,
  ) {}

  /** Deletes metrics with all their series; the names are free for metrics of another type. */
  async deleteMetrics(metrics: readonly { readonly id: number; readonly name: string }[]): Promise<void> {
    const { generation } = this.known;
    const metricIds = await this.repository.deleteMetrics(metrics);
    this.known.assertStill(generation);
    await this.catalog.drop({ metricIds });
  }

  /** Deletes series; the next push with the same labels makes new ones, whose totals begin at 0. */
  async deleteSeries(series: readonly Series[]): Promise<void> {
    const { generation } = this.known;
    const present = series.filter((each) => this.catalog.findSeriesById(each.id) === each);
    const seriesIds = await this.repository.deleteSeries(present.map(({ id }) => id));
    this.known.assertStill(generation);
    await this.catalog.drop({ seriesIds });
  }
}
