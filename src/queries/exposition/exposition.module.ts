import { Module } from '@nestjs/common';
import { ApiTokensModule } from '../../api-tokens/api-tokens.module.js';
import { CatalogModule } from '../../catalog/catalog.module.js';
import { DatabaseModule } from '../../database/database.module.js';
import { LiveValuesModule } from '../../live-values/live-values.module.js';
import { ExpositionPage } from './exposition-page.js';
import { MetricsController } from './metrics.controller.js';
import { SharedPages } from './shared-pages.js';

/** Serves the page that Prometheus scrapes. */
@Module({
  imports: [DatabaseModule, ApiTokensModule, CatalogModule, LiveValuesModule],
  controllers: [MetricsController],
  providers: [ExpositionPage, SharedPages],
  exports: [ExpositionPage, SharedPages],
})
export class ExpositionModule {}
