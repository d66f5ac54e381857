import { Module } from '@nestjs/common';
import { CatalogModule } from '../../catalog/catalog.module.js';
import { DatabaseModule } from '../../database/database.module.js';
import { LiveValuesModule } from '../../live-values/live-values.module.js';
import { Exposition } from './exposition.js';
import { ScrapeHandOver } from './scrape-hand-over.js';
import { SharedExpositions } from './shared-expositions.js';

/** Writes the exposition that Prometheus scrapes. */
@Module({
  imports: [DatabaseModule, CatalogModule, LiveValuesModule],
  providers: [Exposition, ScrapeHandOver, SharedExpositions],
  exports: [Exposition, ScrapeHandOver, SharedExpositions],
})
export class ExpositionModule {}
