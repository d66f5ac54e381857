import { Module } from '@nestjs/common';
import { ApiTokensModule } from '../../api-tokens/api-tokens.module.js';
import { CatalogModule } from '../../catalog/catalog.module.js';
import { DatabaseModule } from '../../database/database.module.js';
import { HttpModule } from '../../http/http.module.js';
import { LiveValuesModule } from '../../live-values/live-values.module.js';
import { SampleStoreModule } from '../../sample-store/sample-store.module.js';
import { ExpositionModule } from '../exposition/exposition.module.js';
import { SelectionModule } from '../selection/selection.module.js';
import { HistoryController } from './history.controller.js';
import { ListingService } from './listing/listing.service.js';
import { MinuteRowsService } from './listing/minute-rows.service.js';
import { UnleashListingController } from './listing/unleash-listing.controller.js';
import { RangeQueryService } from './range/range-query.service.js';
import { ReadLimiter } from './read-limiter.js';
import { SampleScan } from './sample-scan.js';
import { SamplesService } from './samples/samples.service.js';

/** Answers queries about everything that is stored, in JSON and CSV. */
@Module({
  imports: [
    DatabaseModule,
    ApiTokensModule,
    HttpModule,
    CatalogModule,
    LiveValuesModule,
    SampleStoreModule,
    SelectionModule,
    ExpositionModule,
  ],
  controllers: [HistoryController, UnleashListingController],
  providers: [ReadLimiter, SampleScan, ListingService, SamplesService, RangeQueryService, MinuteRowsService],
})
export class HistoryModule {}
