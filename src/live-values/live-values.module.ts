import { Module } from '@nestjs/common';
import { LiveValues } from './live-values.js';

/** The current value of every series. */
@Module({
  providers: [LiveValues],
  exports: [LiveValues],
})
export class LiveValuesModule {}
