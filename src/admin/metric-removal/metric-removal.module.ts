import { Module } from '@nestjs/common';
import { CatalogModule } from '../../catalog/catalog.module.js';
import { SelectionModule } from '../../queries/selection/selection.module.js';
import { RemovalModule } from '../../sample-store/removal/removal.module.js';
import { MetricRemovalService } from './metric-removal.service.js';

/** Removes metrics and series with all their samples. */
@Module({
  imports: [CatalogModule, RemovalModule, SelectionModule],
  providers: [MetricRemovalService],
  exports: [MetricRemovalService],
})
export class MetricRemovalModule {}
