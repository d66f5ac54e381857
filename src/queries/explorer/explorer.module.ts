import { Module } from '@nestjs/common';
import { ApiTokensModule } from '../../api-tokens/api-tokens.module.js';
import { ExplorerPage } from './page/explorer-page.js';
import { ServiceFactsReader } from './service-facts.js';

/** Serves the explorer, and signs people in. */
@Module({
  imports: [ApiTokensModule],
  providers: [ExplorerPage, ServiceFactsReader],
  exports: [ExplorerPage, ServiceFactsReader],
})
export class ExplorerModule {}
