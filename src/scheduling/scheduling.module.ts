import { Module } from '@nestjs/common';
import { BackgroundLoops } from './background-loops.js';
import { backgroundMetricsProviders } from './background.metrics.js';

/** Work in the background. */
@Module({
  providers: [BackgroundLoops, ...backgroundMetricsProviders],
  exports: [BackgroundLoops],
})
export class SchedulingModule {}
