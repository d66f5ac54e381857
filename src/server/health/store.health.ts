import { Injectable } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';
import { Catalog } from '../../catalog/catalog.js';
import { PeerLag } from '../../sample-store/peers/peer-lag.js';
import { SampleLog } from '../../sample-store/log/sample-log.js';

/** Checks whether a push would be accepted now. */
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
    if (!this.log.isAccepting) return indicator.down('Postgres does not accept commits');
    if (this.lag.isTooLong) return indicator.down('samples that other processes have stored are not shown yet');
    if (this.catalog.isComplete) return indicator.up();
    return indicator.up({
      degraded: `This process has memory for only ${this.catalog.seriesCount} series, but more are stored (SERIES_MEMORY_LIMIT).`,
    });
  }
}
