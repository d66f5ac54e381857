import { Controller, Get, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { HealthCheck, HealthCheckService, type HealthCheckResult, TypeOrmHealthIndicator } from '@nestjs/terminus';
import type { BoundedDataSource } from '../database/bounded-data-source.js';
import { CUSTOM_METRICS_DATA_SOURCE } from '../database/data-source.token.js';
import { StoreHealthIndicator } from './store.health.js';

const PING_TIMEOUT_MS = 1_000;

/** For the orchestrator. */
@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly database: TypeOrmHealthIndicator,
    private readonly store: StoreHealthIndicator,
    // Nest's own one has no deadline: each check would take a connection for good when Postgres has gone silent.
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: BoundedDataSource,
  ) {}

  /** The process runs: a failure means restart it. */
  @Get('live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** Pushes are taken: a failure means send no traffic. The schema is checked at start, which does not get here without it. */
  @Get('ready')
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.database.pingCheck('database', { timeout: PING_TIMEOUT_MS, connection: this.dataSource }),
      () => this.store.check('store'),
    ]);
  }
}
