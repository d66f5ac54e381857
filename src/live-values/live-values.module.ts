import { Module } from '@nestjs/common';
import { LiveValues } from './live-values.js';

/** Provides the current value of every series. */
@Module({
  providers: [LiveValues],
  exports: [LiveValues],
})
export class LiveValuesModule {}
