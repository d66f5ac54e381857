import { Module } from '@nestjs/common';
import { ApiTokensModule } from '../../api-tokens/api-tokens.module.js';
import { CatalogModule } from '../../catalog/catalog.module.js';
import { DatabaseModule } from '../../database/database.module.js';
import { LiveValuesModule } from '../../live-values/live-values.module.js';
import { Exposition } from './exposition.js';
import { MetricsController } from './metrics.controller.js';
import { SharedExpositions } from './shared-expositions.js';

/** Serves the exposition that Prometheus scrapes. */
@Module({
  imports: [DatabaseModule, ApiTokensModule, CatalogModule, LiveValuesModule],
  controllers: [MetricsController],
  providers: [Exposition, SharedExpositions],
  exports: [Exposition, SharedExpositions],
})
export class ExpositionModule {}
