import { Module } from '@nestjs/common';
import { CatalogModule } from '../../catalog/catalog.module.js';
import { DatabaseModule } from '../../database/database.module.js';
import { LiveValuesModule } from '../../live-values/live-values.module.js';
import { Exposition } from './exposition.js';
import { SharedExpositions } from './shared-expositions.js';

/** Writes the exposition that Prometheus scrapes. */
@Module({
  imports: [DatabaseModule, CatalogModule, LiveValuesModule],
  providers: [Exposition, SharedExpositions],
  exports: [Exposition, SharedExpositions],
})
export class ExpositionModule {}
