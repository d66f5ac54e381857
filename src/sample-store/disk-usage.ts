import { Injectable, Logger, type Provider } from '@nestjs/common';
import { InjectMetric, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { BackgroundLoop } from '../scheduling/background-loop.js';
import { BackgroundLoops } from '../scheduling/background-loops.js';
import { DiskUsageRepository } from './disk-usage.repository.js';

const DATABASE_SIZE = 'custom_metrics_database_size_bytes';
const LOG_SIZE = 'custom_metrics_log_size_bytes';

/**
 * Pause between two measurements. For each of them, Postgres examines every file of the database, so the sizes are not read at
 * each scrape.
 */
const INTERVAL_MS = 60_000;
const FIRST_AFTER_MS = 1_000;

/** Shows how much disk space the data takes, so that an alert can fire before the disk of Postgres is full. */
@Injectable()
export class DiskUsageMetrics {
  constructor(
    private readonly repository: DiskUsageRepository,
    @InjectMetric(DATABASE_SIZE) private readonly databaseSize: Gauge,
    @InjectMetric(LOG_SIZE) private readonly logSize: Gauge,
    loops: BackgroundLoops,
  ) {
    loops.add(
      new BackgroundLoop({
        name: 'read what the data takes on disk',
        logger: new Logger(DiskUsageMetrics.name),
        intervalMs: INTERVAL_MS,
        firstAfterMs: FIRST_AFTER_MS,
        turn: () => this.refresh(),
      }),
    );
  }

  private async refresh(): Promise<void> {
    const { database, log } = await this.repository.read();
    this.databaseSize.set(database);
    this.logSize.set(log);
  }
}

export const diskUsageProviders: Provider[] = [
  makeGaugeProvider({ name: DATABASE_SIZE, help: 'Disk space of the whole database' }),
  makeGaugeProvider({ name: LOG_SIZE, help: 'Disk space of the samples that are not compacted yet' }),
  DiskUsageRepository,
  DiskUsageMetrics,
];
