import { Module } from '@nestjs/common';
import { DatabaseModule } from '../../database/database.module.js';
import { SelectionModule } from '../../queries/selection/selection.module.js';
import { CorrectionsModule } from '../../sample-store/corrections/corrections.module.js';
import { CorrectionsService } from './corrections.service.js';

/** Deletes samples in a time range, and lists past deletions. */
@Module({
  imports: [DatabaseModule, SelectionModule, CorrectionsModule],
  providers: [CorrectionsService],
  exports: [CorrectionsService],
})
export class AdminCorrectionsModule {}
