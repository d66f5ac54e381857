import type { Provider } from '@nestjs/common';
import { getToken } from '@willsoto/nestjs-prometheus';
import { Counter, Gauge, register } from 'prom-client';
import type { DataSource } from 'typeorm';
import { poolOf } from './connections/connection-pool.js';
import { DatabaseClock } from './database-clock.js';
import { CUSTOM_METRICS_DATA_SOURCE } from './data-source.token.js';

const CLOCK_AHEAD = 'custom_metrics_database_clock_ahead_seconds';
const CLOCK_STEPS = 'custom_metrics_database_clock_steps_total';
const POOL_CONNECTIONS = 'custom_metrics_database_pool_connections';

/** Provides metrics about the connection pool and the database's clock, which are read at each scrape. */
export const databaseMetricsProviders: Provider[] = [
  {
    provide: getToken(POOL_CONNECTIONS),
    inject: [CUSTOM_METRICS_DATA_SOURCE],
    useFactory: (dataSource: DataSource) => {
      // Without this, a second module in the same process would fail, because the metric already exists.
      register.removeSingleMetric(POOL_CONNECTIONS);
      return new Gauge({
        name: POOL_CONNECTIONS,
        help: 'Connections to Postgres by state; waiting counts requests for a connection',
        labelNames: ['state'],
        collect() {
          const pool = poolOf(dataSource);
          if (pool === undefined) return;
          this.set({ state: 'idle' }, pool.idleCount);
          this.set({ state: 'busy' }, pool.totalCount - pool.idleCount);
          this.set({ state: 'waiting' }, pool.waitingCount);
        },
      });
    },
  },
  {
    provide: getToken(CLOCK_AHEAD),
    inject: [DatabaseClock],
    useFactory: (clock: DatabaseClock) => {
      register.removeSingleMetric(CLOCK_AHEAD);
      return new Gauge({
        name: CLOCK_AHEAD,
        help: "Seconds by which the database's clock is ahead of this machine's; negative if it is behind",
        collect() {
          this.set(clock.aheadMs / 1000);
        },
      });
    },
  },
  {
    provide: getToken(CLOCK_STEPS),
    inject: [DatabaseClock],
    useFactory: (clock: DatabaseClock) => {
      register.removeSingleMetric(CLOCK_STEPS);
      return new Counter({
        name: CLOCK_STEPS,
        help: "Number of times that the database's clock was set ahead or back by more than a second",
        collect() {
          this.reset();
          this.inc(clock.steps);
        },
      });
    },
  },
];
