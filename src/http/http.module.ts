import { Module } from '@nestjs/common';
import { BodyBudget } from './bodies/body-budget.js';
import { BodyReader } from './bodies/body-reader.js';
import { requestMetricsProviders } from './request-metrics.js';

/** Reads the bodies of all receivers within one budget, and counts requests. */
@Module({
  providers: [BodyBudget, BodyReader, ...requestMetricsProviders],
  exports: [BodyBudget, BodyReader, ...requestMetricsProviders],
})
export class HttpModule {}
