import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DatabaseWatch } from './database-change/database-watch.js';
import { ReplicaFollower } from './sample-store/peers/replica-follower.js';
import { WriterHeartbeat } from './sample-store/peers/writer-heartbeat.js';
import { ArchiveSchedule } from './sample-store/archive/archive-schedule.js';
import { IngestReceiptSweeper } from './sample-store/receipts/ingest-receipt-sweeper.js';
import { RemovedSamplesSweeper } from './sample-store/removal/removed-samples-sweeper.js';
import { DiskUsageMetrics } from './sample-store/disk-usage.js';
import { StopLimit } from './database/connections/stop-limit.js';

/**
 * Starts all work in the background, and stops it.
 *
 * Nest calls the hooks of those who depend on others first and waits for each, so that seven loops on silent connections would be
 * waited for one after another. This class depends on all of them, and stops them at once.
 */
@Injectable()
export class AllBackgroundWork implements OnApplicationShutdown {
  constructor(
    private readonly stopLimit: StopLimit,
    private readonly databaseWatch: DatabaseWatch,
    private readonly replicaFollower: ReplicaFollower,
    private readonly heartbeat: WriterHeartbeat,
    private readonly archive: ArchiveSchedule,
    private readonly receiptSweeper: IngestReceiptSweeper,
    private readonly sweeper: RemovedSamplesSweeper,
    private readonly diskUsage: DiskUsageMetrics,
  ) {}

  start(): void {
    for (const each of this.all()) each.start();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopLimit.begin();
    await Promise.all(this.all().map((each) => each.onApplicationShutdown()));
  }

  private all(): (OnApplicationShutdown & { start(): void })[] {
    return [
      this.databaseWatch,
      this.replicaFollower,
      this.heartbeat,
      this.archive,
      this.receiptSweeper,
      this.sweeper,
      this.diskUsage,
    ];
  }
}
