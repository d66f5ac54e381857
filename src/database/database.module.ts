import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { surviveConnectionErrors } from './connections/connection-pool.js';
import { CUSTOM_METRICS_DATA_SOURCE } from './data-source.token.js';
import { StopLimit } from './connections/stop-limit.js';
import { DatabaseClock } from './database-clock.js';
import { databaseMetricsProviders } from './database.metrics.js';
import { KnownDatabase } from './known-database.js';
import { OlderProcessesRepository } from './older-processes.repository.js';

/**
 * Provides the classes for Postgres that all other modules share: its clock, the identity of the database, the processes of older
 * versions, and the time limit for connections at a shutdown.
 */
@Module({
  providers: [DatabaseClock, KnownDatabase, OlderProcessesRepository, StopLimit, ...databaseMetricsProviders],
  exports: [DatabaseClock, KnownDatabase, OlderProcessesRepository, StopLimit],
})
export class DatabaseModule implements OnModuleInit {
  constructor(@Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource) {}

  onModuleInit(): void {
    surviveConnectionErrors(this.dataSource);
  }
}
