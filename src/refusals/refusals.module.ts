import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module.js';
import { SchedulingModule } from '../scheduling/scheduling.module.js';
import { RecentRefusals } from './recent-refusals.js';
import { RefusalsRepository } from './refusals.repository.js';
import { RefusedRequests } from './refused-requests.js';

/** Records recent refusals for the operator. */
@Module({
  imports: [DatabaseModule, SchedulingModule],
  providers: [RefusalsRepository, RecentRefusals, RefusedRequests],
  exports: [RefusalsRepository, RecentRefusals, RefusedRequests],
})
export class RefusalsModule {}
