import { Module } from '@nestjs/common';
import { DatabaseModule } from '../../database/database.module.js';
import { LogModule } from '../log/log.module.js';
import { PeersModule } from '../peers/peers.module.js';
import { StorageReporter } from './storage-reporter.js';
import { StorageRepository } from './storage.repository.js';

/** Reports how much is stored. */
@Module({
  imports: [DatabaseModule, LogModule, PeersModule],
  providers: [StorageRepository, StorageReporter],
  exports: [StorageReporter],
})
export class StorageModule {}
