import { Module } from '@nestjs/common';
import { CatalogModule } from '../../catalog/catalog.module.js';
import { DatabaseModule } from '../../database/database.module.js';
import { LiveValuesModule } from '../../live-values/live-values.module.js';
import { SchedulingModule } from '../../scheduling/scheduling.module.js';
import { LogModule } from '../log/log.module.js';
import { ReadingModule } from '../reading/reading.module.js';
import { PeerLag, peerLagProviders } from './peer-lag.js';
import { PeerLogFollower } from './peer-log-follower.js';
import { WriterHeartbeat } from './writer-heartbeat.js';

/** Follows the other processes on the same database, and renews the heartbeat of this one. */
@Module({
  imports: [DatabaseModule, SchedulingModule, CatalogModule, LiveValuesModule, ReadingModule, LogModule],
  providers: [PeerLogFollower, WriterHeartbeat, ...peerLagProviders],
  exports: [PeerLag],
})
export class PeersModule {}
