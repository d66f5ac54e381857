import { Injectable } from '@nestjs/common';
import { KnownDatabase } from '../../database/known-database.js';
import { Catalog } from '../catalog.js';
import { RemovalRepository } from './removal.repository.js';
import type { Series } from '../series/series.js';

/**
 * Deletes metrics and series on request. They are removed immediately in this process and in Postgres; other processes learn of
 * it from the change feed (see CatalogChangeFeed). Their stored samples are deleted later by the sample store.
 */
@Injectable()
export class CatalogRemoval {
  constructor(
    private readonly catalog: Catalog,
    private readonly repository: RemovalRepository,
    private readonly known: KnownDatabase,
  ) {}

  /**
   * Deletes metrics with all their series. Their names are then free for metrics of any type.
   *
   * @returns whether any of them still existed under its name
   */
  async deleteMetrics(metrics: readonly { readonly id: number; readonly name: string }[]): Promise<boolean> {
    const { generation } = this.known;
    const metricIds = await this.repository.deleteMetrics(metrics);
    this.known.assertStill(generation);
    await this.catalog.drop({ metricIds });
    return metricIds.length > 0;
  }

  /** Deletes series. The next push with the same labels creates a new series, whose total starts at 0. */
  async deleteSeries(series: readonly Series[]): Promise<void> {
    const { generation } = this.known;
    const present = series.filter((each) => this.catalog.findSeriesById(each.id) === each);
    const seriesIds = await this.repository.deleteSeries(present.map(({ id }) => id));
    this.known.assertStill(generation);
    await this.catalog.drop({ seriesIds });
  }
}
