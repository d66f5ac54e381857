import type { Provider } from '@nestjs/common';
import { ListingService } from './listing.service.js';
import { MinuteRowsService } from './minute-rows.service.js';
import { RangeQueryService } from './range-query.service.js';
import { ReadGate } from './read-gate.js';
import { SampleScan } from './sample-scan.js';
import { SamplesService } from './samples.service.js';

/** What stands behind the history's controllers. */
export const historyProviders: Provider[] = [
  ReadGate,
  SampleScan,
  ListingService,
  SamplesService,
  RangeQueryService,
  MinuteRowsService,
];
