import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import type { ServiceFacts } from './dto/session.response.js';
import { EXPLORER_OPTIONS, type ExplorerOptions } from './explorer-options.js';

/** Collects the facts about the service that the page needs. */
@Injectable()
export class ServiceFactsReader {
  constructor(
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
    @Inject(EXPLORER_OPTIONS) private readonly explorer: ExplorerOptions,
  ) {}

  read(): ServiceFacts {
    return {
      retentionDays: this.options.store.retentionDays,
      routes: this.explorer.routes,
      serverTime: new Date(),
    };
  }
}
