import { Module } from '@nestjs/common';
import { CatalogModule } from '../../catalog/catalog.module.js';
import { SeriesSelection } from './series-selection.js';

/** Finds the series that a request names. */
@Module({
  imports: [CatalogModule],
  providers: [SeriesSelection],
  exports: [SeriesSelection],
})
export class SelectionModule {}
