import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { HealthCheck, HealthCheckService, type HealthCheckResult } from '@nestjs/terminus';
import { failingWork } from '../../database/repeated-failure.js';
import { ForwardingStatus } from '../../forwarding/forwarding-status.js';
import { DatabaseHealthIndicator } from './database.health.js';
import { HealthResponse } from './health.response.js';
import { StoreHealthIndicator } from './store.health.js';

/** Serves the health checks for orchestrators, load balancers and people. */
@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly database: DatabaseHealthIndicator,
    private readonly store: StoreHealthIndicator,
    private readonly forwarding: ForwardingStatus,
  ) {}

  /**
   * Shows background work that has been failing for longer than a minute. The HTTP status is always 200, because less traffic
   * would not help.
   */
  @Get()
  show(): HealthResponse {
    const problems = failingWork().map(({ name, reason, seconds }) => ({
      work: name,
      reason,
      seconds: Math.round(seconds),
    }));
    const { isOn, isActive, lagSeconds } = this.forwarding;
    return {
      status: problems.length === 0 ? 'ok' : 'degraded',
      problems,
      ...(isOn && { forwarding: { lagSeconds: Math.round(lagSeconds), isActive } }),
    };
  }

  /** Shows that the process runs. If this fails, the process must be restarted. */
  @Get('live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /**
   * Shows whether pushes are accepted. If this fails, no traffic should be sent. The schema is checked at the start and not here.
   */
  @Get('ready')
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    return this.health.check([() => this.database.check('database'), () => this.store.check('store')]);
  }
}
