import { Module } from '@nestjs/common';
import { CatalogModule } from '../../catalog/catalog.module.js';
import { MetricDeclarationsService } from './metric-declarations.service.js';

/** Declares metrics: their type, help and unit. */
@Module({
  imports: [CatalogModule],
  providers: [MetricDeclarationsService],
  exports: [MetricDeclarationsService],
})
export class MetricDeclarationsModule {}
