import { Module } from '@nestjs/common';
import { ApiTokensModule } from '../../../api-tokens/api-tokens.module.js';
import { CatalogModule } from '../../../catalog/catalog.module.js';
import { DatabaseModule } from '../../../database/database.module.js';
import { LiveValuesModule } from '../../../live-values/live-values.module.js';
import { LiveFeed } from './live-feed.js';

/** Tells clients which metrics receive samples. */
@Module({
  imports: [DatabaseModule, CatalogModule, LiveValuesModule, ApiTokensModule],
  providers: [LiveFeed],
  exports: [LiveFeed],
})
export class LiveModule {}
