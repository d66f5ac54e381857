import { Module } from '@nestjs/common';
import { CatalogModule } from '../../catalog/catalog.module.js';
import { SelectionModule } from '../../queries/selection/selection.module.js';
import { RenamesService } from './renames.service.js';

/** Renames metrics, and lists past renames. */
@Module({
  imports: [CatalogModule, SelectionModule],
  providers: [RenamesService],
  exports: [RenamesService],
})
export class AdminRenamesModule {}
