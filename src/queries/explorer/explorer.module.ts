import { Module } from '@nestjs/common';
import { ApiTokensModule } from '../../api-tokens/api-tokens.module.js';
import { ServiceFactsReader } from './service-facts.js';

/** Serves the explorer, and signs people in. */
@Module({
  imports: [ApiTokensModule],
  providers: [ServiceFactsReader],
  exports: [ServiceFactsReader],
})
export class ExplorerModule {}
