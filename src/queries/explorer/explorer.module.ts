import { Module } from '@nestjs/common';
import { ApiTokensModule } from '../../api-tokens/api-tokens.module.js';
import { ExplorerPage } from './page/explorer-page.js';
import { ServiceFactsReader } from './service-facts.js';

/** Provides the page of the explorer, and the facts that the answers about its sessions contain. */
@Module({
  imports: [ApiTokensModule],
  providers: [ExplorerPage, ServiceFactsReader],
  exports: [ExplorerPage, ServiceFactsReader],
})
export class ExplorerModule {}
