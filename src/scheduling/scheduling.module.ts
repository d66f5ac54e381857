import { Module } from '@nestjs/common';
import { BackgroundLoops } from './background-loops.js';
import { backgroundMetricsProviders } from './background.metrics.js';

/** Starts and stops the background work. */
@Module({
  providers: [BackgroundLoops, ...backgroundMetricsProviders],
  exports: [BackgroundLoops],
})
export class SchedulingModule {}
