import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { HealthCheck, HealthCheckService, type HealthCheckResult } from '@nestjs/terminus';
import { failingWork } from '../../database/repeated-failure.js';
import { DatabaseHealthIndicator } from './database.health.js';
import { HealthResponse } from './health.response.js';
import { StoreHealthIndicator } from './store.health.js';

/** For the orchestrator. */
@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly database: DatabaseHealthIndicator,
    private readonly store: StoreHealthIndicator,
  ) {}

  /** What fails in the background for longer than a minute, for people and alerts. Always 200: sending less traffic mends nothing. */
  @Get()
  show(): HealthResponse {
    const problems = failingWork().map(({ name, reason, seconds }) => ({
      work: name,
      reason,
      seconds: Math.round(seconds),
    }));
    return { status: problems.length === 0 ? 'ok' : 'degraded', problems };
  }

  /** The process runs: a failure means restart it. */
  @Get('live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** Pushes are taken: a failure means send no traffic. The schema is checked at start, which does not get here without it. */
  @Get('ready')
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    return this.health.check([() => this.database.check('database'), () => this.store.check('store')]);
  }
}
