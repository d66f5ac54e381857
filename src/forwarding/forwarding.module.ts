import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module.js';
import { ArchiveModule } from '../sample-store/archive/archive.module.js';
import { SchedulingModule } from '../scheduling/scheduling.module.js';
import { CirclePrevention } from './circle/circle-prevention.js';
import { InstallationsRepository } from './circle/installations.repository.js';
import { Forwarder } from './forwarder.js';
import { forwardingMetricsProviders } from './forwarding.metrics.js';
import { ForwardingStatus } from './forwarding-status.js';
import { AbandonedForwarding } from './position/abandoned-forwarding.js';
import { ForwardingRepository } from './position/forwarding.repository.js';
import { LeaseKeeper } from './position/lease-keeper.js';
import { TotalsStart } from './position/totals-start.js';
import { TotalsStartRepository } from './position/totals-start.repository.js';
import { UnforwardedRows } from './position/unforwarded-rows.js';
import { UnforwardedRowsRepository } from './position/unforwarded-rows.repository.js';
import { WaitingCorrectionsRepository } from './position/waiting-corrections.repository.js';
import { RunningTotals } from './samples/running-totals.js';
import { SeriesTexts } from './samples/series-texts.js';
import { SeriesTextsRepository } from './samples/series-texts.repository.js';
import { StretchForwarding } from './stretch-forwarding.js';
import { Delivery } from './target/delivery.js';
import { EndedSeriesForwarding } from './target/ended-series.js';
import { MetadataForwarding } from './target/metadata-forwarding.js';
import { RemoteTarget } from './target/remote-target.js';
import { TargetFailure } from './target/target-failure.js';

/** Forwards every accepted sample to another store by remote write, if there is a target. */
@Module({
  imports: [DatabaseModule, SchedulingModule, ArchiveModule],
  providers: [
    Forwarder,
    StretchForwarding,
    ForwardingStatus,
    CirclePrevention,
    InstallationsRepository,
    LeaseKeeper,
    ForwardingRepository,
    UnforwardedRows,
    UnforwardedRowsRepository,
    WaitingCorrectionsRepository,
    AbandonedForwarding,
    TotalsStart,
    TotalsStartRepository,
    RunningTotals,
    SeriesTexts,
    SeriesTextsRepository,
    Delivery,
    EndedSeriesForwarding,
    MetadataForwarding,
    RemoteTarget,
    TargetFailure,
    ...forwardingMetricsProviders,
  ],
  exports: [ForwardingStatus, CirclePrevention],
})
export class ForwardingModule {}
