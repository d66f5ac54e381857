import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module.js';
import { Catalog } from './catalog.js';
import { CatalogCatchUp } from './catalog-catch-up.js';
import { CatalogNews } from './catalog-news.js';
import { CatalogMetrics, catalogMetricsProviders } from './catalog.metrics.js';
import { CatalogRepository } from './catalog.repository.js';
import { CreationRepository } from './creation.repository.js';
import { OwnMetrics } from './metric/own-metrics.js';
import { CatalogRemoval } from './removal/catalog-removal.js';
import { RemovalRepository } from './removal/removal.repository.js';

/** Metrics and series: finding, creating and removing them. */
@Module({
  imports: [DatabaseModule],
  providers: [
    Catalog,
    CatalogRepository,
    CreationRepository,
    CatalogNews,
    CatalogCatchUp,
    CatalogRemoval,
    RemovalRepository,
    OwnMetrics,
    ...catalogMetricsProviders,
  ],
  exports: [Catalog, CatalogCatchUp, CatalogNews, CatalogRemoval, OwnMetrics, CatalogMetrics, CreationRepository],
})
export class CatalogModule {}
