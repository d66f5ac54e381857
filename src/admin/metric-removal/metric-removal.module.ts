import { Module } from '@nestjs/common';
import { ApiTokensModule } from '../../api-tokens/api-tokens.module.js';
import { CatalogModule } from '../../catalog/catalog.module.js';
import { HttpModule } from '../../http/http.module.js';
import { SelectionModule } from '../../queries/selection/selection.module.js';
import { RemovalModule } from '../../sample-store/removal/removal.module.js';
import { MetricRemovalController } from './metric-removal.controller.js';
import { MetricRemovalService } from './metric-removal.service.js';

/** Removes metrics and series with all their samples. */
@Module({
  imports: [ApiTokensModule, HttpModule, CatalogModule, RemovalModule, SelectionModule],
  controllers: [MetricRemovalController],
  providers: [MetricRemovalService],
})
export class MetricRemovalModule {}
