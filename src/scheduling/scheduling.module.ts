import { Module } from '@nestjs/common';
import { BackgroundLoops } from './background-loops.js';
import { backgroundMetricsProviders } from './background.metrics.js';

/** Provides the list of all background work, and the metric of its failures. */
@Module({
  providers: [BackgroundLoops, ...backgroundMetricsProviders],
  exports: [BackgroundLoops],
})
export class SchedulingModule {}
