import { Module } from '@nestjs/common';
import { ApiTokensModule } from '../../api-tokens/api-tokens.module.js';
import { CatalogModule } from '../../catalog/catalog.module.js';
import { DatabaseModule } from '../../database/database.module.js';
import { HttpModule } from '../../http/http.module.js';
import { IngestionModule } from '../../ingestion/ingestion.module.js';
import { LiveValuesModule } from '../../live-values/live-values.module.js';
import { PrometheusPushController } from './prometheus-push.controller.js';
import { PrometheusPushService } from './prometheus-push.service.js';
import { PushGroupRepository } from './push-groups/push-group.repository.js';
import { PushGroups } from './push-groups/push-groups.js';
import { PushgatewayController } from './pushgateway.controller.js';
import { PushgatewayService } from './pushgateway.service.js';

/** Receives expositions: `POST /api/push`, and the paths of Pushgateway. */
@Module({
  imports: [DatabaseModule, ApiTokensModule, HttpModule, CatalogModule, LiveValuesModule, IngestionModule],
  controllers: [PrometheusPushController, PushgatewayController],
  providers: [PrometheusPushService, PushgatewayService, PushGroups, PushGroupRepository],
})
export class PrometheusPushModule {}
