import { Module } from '@nestjs/common';
import { CatalogModule } from '../../catalog/catalog.module.js';
import { DatabaseModule } from '../../database/database.module.js';
import { IngestionModule } from '../../ingestion/ingestion.module.js';
import { LiveValuesModule } from '../../live-values/live-values.module.js';
import { PrometheusPushService } from './prometheus-push.service.js';
import { PushGroupRepository } from './push-groups/push-group.repository.js';
import { PushGroups } from './push-groups/push-groups.js';
import { PushgatewayService } from './pushgateway.service.js';

/** Receives expositions at `POST /api/push` and at the paths of Pushgateway. */
@Module({
  imports: [DatabaseModule, CatalogModule, LiveValuesModule, IngestionModule],
  providers: [PrometheusPushService, PushgatewayService, PushGroups, PushGroupRepository],
  exports: [PrometheusPushService, PushgatewayService],
})
export class PrometheusPushModule {}
