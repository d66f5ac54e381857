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

/** Loads everything from the database at the start, and again whenever the process finds itself connected to another database. */
@Module({
  imports: [DatabaseModule, SchedulingModule, ApiTokensModule, CatalogModule, ReadingModule, LogModule, ArchiveModule],
  providers: [DatabaseWatch, DatabasePollRepository, DatabasePlaceRepository],
})
export class DatabaseChangeModule implements OnModuleInit {
  constructor(private readonly watch: DatabaseWatch) {}

  /**
   * Loads everything before the first request, so that pushes find their series, and scrapes show the same values as before the
   * restart.
   */
  async onModuleInit(): Promise<void> {
    await this.watch.open();
  }
}
