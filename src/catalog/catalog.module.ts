import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module.js';
import { Catalog } from './catalog.js';
import { CatalogRefresh } from './catalog-refresh.js';
import { CatalogChangeFeed } from './catalog-change-feed.js';
import { CatalogMetrics, catalogMetricsProviders } from './catalog.metrics.js';
import { CatalogRepository } from './catalog.repository.js';
import { ExtentsRepository } from './extents.repository.js';
import { CreationRepository } from './creation.repository.js';
import { OwnMetrics } from './metric/own-metrics.js';
import { CatalogRemoval } from './removal/catalog-removal.js';
import { RemovalRepository } from './removal/removal.repository.js';
import { MetricRenaming } from './renaming/metric-renaming.js';
import { RenamingRepository } from './renaming/renaming.repository.js';

/** Finds, creates, renames and removes metrics and series. */
@Module({
  imports: [DatabaseModule],
  providers: [
    Catalog,
    CatalogRepository,
    ExtentsRepository,
    CreationRepository,
    CatalogChangeFeed,
    CatalogRefresh,
    CatalogRemoval,
    RemovalRepository,
    MetricRenaming,
    RenamingRepository,
    OwnMetrics,
    ...catalogMetricsProviders,
  ],
  exports: [
    Catalog,
    CatalogRefresh,
    CatalogChangeFeed,
    CatalogRemoval,
    MetricRenaming,
    RenamingRepository,
    OwnMetrics,
    CatalogMetrics,
    CreationRepository,
  ],
})
export class CatalogModule {}
