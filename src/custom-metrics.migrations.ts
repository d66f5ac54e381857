import { CreateCustomMetrics1764000000000 } from '../migrations/1764000000000-create-custom-metrics.js';
import { AddArchive1764100000000 } from '../migrations/1764100000000-add-archive.js';
import { AddPushGroups1764200000000 } from '../migrations/1764200000000-add-push-groups.js';
import { LeaveOutStaleMarkers1764200001000 } from '../migrations/1764200001000-leave-out-stale-markers.js';
import { AddFrontendScope1764210000000 } from '../migrations/1764210000000-add-frontend-scope.js';
import { StoreLogUncompressed1764220000000 } from '../migrations/1764220000000-store-log-uncompressed.js';
import { KnowTheDatabase1764300000000 } from '../migrations/1764300000000-know-the-database.js';
import { AppendInOneCall1764310000000 } from '../migrations/1764310000000-append-in-one-call.js';
import { QualifyFunctions1764400000000 } from '../migrations/1764400000000-qualify-functions.js';
import { AddBlocks1764500000000 } from '../migrations/1764500000000-add-blocks.js';
import { UnpackBlocksInSql1764510000000 } from '../migrations/1764510000000-unpack-blocks-in-sql.js';
import { ShowBlocksAsSamples1764520000000 } from '../migrations/1764520000000-show-blocks-as-samples.js';
import { HandOverToBlocks1764530000000 } from '../migrations/1764530000000-hand-over-to-blocks.js';
import { AddSessions1764600000000 } from '../migrations/1764600000000-add-sessions.js';
import { AddRefusals1764610000000 } from '../migrations/1764610000000-add-refusals.js';
import { AddTokenUsage1764620000000 } from '../migrations/1764620000000-add-token-usage.js';
import { MarkScrapedSeries1764700000000 } from '../migrations/1764700000000-mark-scraped-series.js';
import { AddWaitingBlocks1764800000000 } from '../migrations/1764800000000-add-waiting-blocks.js';
import { MoveSessions1764815000000 } from '../migrations/1764815000000-move-sessions.js';
import { AddCorrections1764810000000 } from '../migrations/1764810000000-add-corrections.js';
import { ReadAtOnce1764820000000 } from '../migrations/1764820000000-read-at-once.js';
import { AddRenames1764830000000 } from '../migrations/1764830000000-add-renames.js';
import { AddForwarding1764850000000 } from '../migrations/1764850000000-add-forwarding.js';
import { TakeTurns1764860000000 } from '../migrations/1764860000000-take-turns.js';
import { AddForwardingCorrections1764880000000 } from '../migrations/1764880000000-add-forwarding-corrections.js';
import { RecogniseForwardingCircles1764890000000 } from '../migrations/1764890000000-recognise-forwarding-circles.js';
import { CountDaysInUtc1764900000000 } from '../migrations/1764900000000-count-days-in-utc.js';
import { IndexCurrentSeries1764910000000 } from '../migrations/1764910000000-index-current-series.js';
import { ReadExtentsAtOnce1764920000000 } from '../migrations/1764920000000-read-extents-at-once.js';

/** The migrations for the host's DataSource, oldest first. */
export const CUSTOM_METRICS_MIGRATIONS = [
  CreateCustomMetrics1764000000000,
  AddArchive1764100000000,
  AddPushGroups1764200000000,
  LeaveOutStaleMarkers1764200001000,
  AddFrontendScope1764210000000,
  StoreLogUncompressed1764220000000,
  KnowTheDatabase1764300000000,
  AppendInOneCall1764310000000,
  QualifyFunctions1764400000000,
  AddBlocks1764500000000,
  UnpackBlocksInSql1764510000000,
  ShowBlocksAsSamples1764520000000,
  HandOverToBlocks1764530000000,
  AddSessions1764600000000,
  AddRefusals1764610000000,
  AddTokenUsage1764620000000,
  MarkScrapedSeries1764700000000,
  AddWaitingBlocks1764800000000,
  AddCorrections1764810000000,
  MoveSessions1764815000000,
  ReadAtOnce1764820000000,
  AddRenames1764830000000,
  AddForwarding1764850000000,
  TakeTurns1764860000000,
  AddForwardingCorrections1764880000000,
  RecogniseForwardingCircles1764890000000,
  CountDaysInUtc1764900000000,
  IndexCurrentSeries1764910000000,
  ReadExtentsAtOnce1764920000000,
];
