import { Injectable } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';
import { Catalog } from '../catalog/catalog.js';
import { SampleLog } from '../sample-store/sample-log.js';

/** Whether a push would be taken now. */
@Injectable()
export class StoreHealthIndicator {
  constructor(
    private readonly health: HealthIndicatorService,
    private readonly catalog: Catalog,
    private readonly log: SampleLog,
  ) {}

  check(key: string) {
    const indicator = this.health.check(key);
    if (!this.catalog.isReady) return indicator.down('the catalog is being loaded');
    return this.log.isAccepting ? indicator.up() : indicator.down('Postgres does not take commits');
  }
}
