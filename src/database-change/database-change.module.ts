import { Module, type OnModuleInit } from '@nestjs/common';
import { ApiTokensModule } from '../api-tokens/api-tokens.module.js';
import { CatalogModule } from '../catalog/catalog.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { ArchiveModule } from '../sample-store/archive/archive.module.js';
import { LogModule } from '../sample-store/log/log.module.js';
import { ReadingModule } from '../sample-store/reading/reading.module.js';
import { SchedulingModule } from '../scheduling/scheduling.module.js';
import { DatabasePollRepository } from './database-poll.repository.js';
import { DatabasePlaceRepository } from './database-place.repository.js';
import { DatabaseWatch } from './database-watch.js';

/** Knows which database this is, and has everything read from it, at the start and when it becomes another one. */
@Module({
  imports: [DatabaseModule, SchedulingModule, ApiTokensModule, CatalogModule, ReadingModule, LogModule, ArchiveModule],
  providers: [DatabaseWatch, DatabasePollRepository, DatabasePlaceRepository],
})
export class DatabaseChangeModule implements OnModuleInit {
  constructor(private readonly watch: DatabaseWatch) {}

  /** Everything is known before the first request: a push finds its series, and a scrape shows what it showed before. */
  async onModuleInit(): Promise<void> {
    await this.watch.open();
  }
}
