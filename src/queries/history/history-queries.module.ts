import { Module } from '@nestjs/common';
import { CatalogModule } from '../../catalog/catalog.module.js';
import { DatabaseModule } from '../../database/database.module.js';
import { LiveValuesModule } from '../../live-values/live-values.module.js';
import { SampleStoreModule } from '../../sample-store/sample-store.module.js';
import { SelectionModule } from '../selection/selection.module.js';
import { BreakdownService } from './breakdown/breakdown.service.js';
import { LabelsService } from './labels/labels.service.js';
import { SeriesInRange } from './labels/series-in-range.js';
import { MetricListingService } from './listing/metric-listing.service.js';
import { MinuteRowsService } from './listing/minute-rows.service.js';
import { SeriesListingService } from './listing/series-listing.service.js';
import { RangePoints } from './range/range-points.js';
import { RangeQueryService } from './range/range-query.service.js';
import { HistoryShares } from './history-share.js';
import { ReadLimiter } from './read-limiter.js';
import { SampleScan } from './sample-scan.js';
import { SparklinesService } from './sparklines/sparklines.service.js';
import { SamplesService } from './samples/samples.service.js';

const QUERIES = [
  MetricListingService,
  SeriesListingService,
  LabelsService,
  BreakdownService,
  SparklinesService,
  SamplesService,
  RangeQueryService,
  MinuteRowsService,
];

/** Answers queries about everything that is stored, for the routes of the history and for the code of an app. */
@Module({
  imports: [DatabaseModule, CatalogModule, LiveValuesModule, SampleStoreModule, SelectionModule],
  providers: [HistoryShares, ReadLimiter, SampleScan, RangePoints, SeriesInRange, ...QUERIES],
  exports: [HistoryShares, ...QUERIES],
})
export class HistoryQueriesModule {}
