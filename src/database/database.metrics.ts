import type { Provider } from '@nestjs/common';
import { getToken } from '@willsoto/nestjs-prometheus';
import { Gauge, register } from 'prom-client';
import type { DataSource } from 'typeorm';
import { poolOf } from './connection-pool.js';
import { CUSTOM_METRICS_DATA_SOURCE } from './data-source.token.js';

const POOL_CONNECTIONS = 'custom_metrics_database_pool_connections';

/** The state of the connection pool, read at each scrape. */
export const databaseMetricsProviders: Provider[] = [
  {
    provide: getToken(POOL_CONNECTIONS),
    inject: [CUSTOM_METRICS_DATA_SOURCE],
    useFactory: (dataSource: DataSource) => {
      // A second module in one process would else show the pool of the first.
      register.removeSingleMetric(POOL_CONNECTIONS);
      return new Gauge({
        name: POOL_CONNECTIONS,
        help: 'Connections to Postgres by state; waiting are requests for one',
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
];
