import type { Provider } from '@nestjs/common';
import { ListingService } from './listing/listing.service.js';
import { MinuteRowsService } from './listing/minute-rows.service.js';
import { RangeQueryService } from './range/range-query.service.js';
import { ReadGate } from './read-gate.js';
import { SampleScan } from './sample-scan.js';
import { SamplesService } from './samples/samples.service.js';

/** What stands behind the history's controllers. */
export const historyProviders: Provider[] = [
  ReadGate,
  SampleScan,
  ListingService,
  SamplesService,
  RangeQueryService,
  MinuteRowsService,
];
