import { Module } from '@nestjs/common';
import { CatalogModule } from '../../catalog/catalog.module.js';
import { LiveValuesModule } from '../../live-values/live-values.module.js';
import { SampleStoreModule } from '../../sample-store/sample-store.module.js';
import { ActiveSeries } from './active-series.js';
import { SeriesSelection } from './series-selection.js';

/** Finds the series that a request names, and those that have samples in a range. */
@Module({
  imports: [CatalogModule, LiveValuesModule, SampleStoreModule],
  providers: [SeriesSelection, ActiveSeries],
  exports: [SeriesSelection, ActiveSeries],
})
export class SelectionModule {}
