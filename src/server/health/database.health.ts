import { Inject, Injectable, Logger } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';
import type { BoundedDataSource } from '../../database/connections/bounded-data-source.js';
import { CUSTOM_METRICS_DATA_SOURCE } from '../../database/data-source.token.js';
import { databaseMessageOf, withDeadline } from '../../database/outage.js';

const TIMEOUT_MS = 1_000;

/** Checks whether Postgres answers and is writable. */
@Injectable()
export class DatabaseHealthIndicator {
  private readonly logger = new Logger(DatabaseHealthIndicator.name);
  private isUsable = true;

  constructor(
    private readonly health: HealthIndicatorService,
    // Terminus' own indicator has no deadline, so each of its checks would occupy a connection forever if Postgres went silent.
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: BoundedDataSource,
  ) {}

  async check(key: string) {
    const indicator = this.health.check(key);
    try {
      const asking: Promise<[{ transaction_read_only: string }]> = this.dataSource.query('SHOW transaction_read_only');
      const [row] = await withDeadline(asking, TIMEOUT_MS);
      if (row.transaction_read_only === 'on') return indicator.down(this.note('Postgres is read-only'));
      this.note(undefined);
      return indicator.up();
    } catch (error) {
      return indicator.down(this.note(databaseMessageOf(error)));
    }
  }

  /** Logs a problem when it begins and when it ends, but not at every check. */
  private note<Problem extends string | undefined>(problem: Problem): Problem {
    const isUsable = problem === undefined;
    if (isUsable !== this.isUsable) {
      if (isUsable) this.logger.log('Postgres can be used again.');
      else this.logger.warn(`Not ready, because Postgres can't be used: ${problem}`);
    }
    this.isUsable = isUsable;
    return problem;
  }
}
