import { Module } from '@nestjs/common';
import { ApiTokensModule } from '../../api-tokens/api-tokens.module.js';
import { CatalogModule } from '../../catalog/catalog.module.js';
import { HttpModule } from '../../http/http.module.js';
import { MetricDeclarationsController } from './metric-declarations.controller.js';
import { MetricDeclarationsService } from './metric-declarations.service.js';

/** Declares metrics: their type, help and unit. */
@Module({
  imports: [ApiTokensModule, HttpModule, CatalogModule],
  controllers: [MetricDeclarationsController],
  providers: [MetricDeclarationsService],
})
export class MetricDeclarationsModule {}
