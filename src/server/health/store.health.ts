import { Injectable } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';
import { Catalog } from '../../catalog/catalog.js';
import { PeerLag } from '../../sample-store/peers/peer-lag.js';
import { SampleLog } from '../../sample-store/log/sample-log.js';

/** Whether a push would be taken now. */
@Injectable()
export class StoreHealthIndicator {
  constructor(
    private readonly health: HealthIndicatorService,
    private readonly catalog: Catalog,
    private readonly log: SampleLog,
    private readonly lag: PeerLag,
  ) {}

  check(key: string) {
    const indicator = this.health.check(key);
    if (!this.catalog.isReady) return indicator.down('the catalog is being loaded');
    if (!this.log.isAccepting) return indicator.down('Postgres does not take commits');
    if (this.lag.isTooLong) return indicator.down('what other processes have taken is not shown yet');
    if (this.catalog.isComplete) return indicator.up();
    return indicator.up({
      degraded: `This process has memory for ${this.catalog.seriesCount} series only, and more are stored (SERIES_MEMORY_LIMIT).`,
    });
  }
}
