import { Inject, Injectable, Logger } from '@nestjs/common';
import { ApiTokensService } from '../api-tokens/api-tokens.service.js';
import { CatalogMetrics } from '../catalog/catalog.metrics.js';
import { CatalogRepository } from '../catalog/catalog.repository.js';
import { Catalog } from '../catalog/catalog.js';
import { CreationRepository } from '../catalog/creation.repository.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../custom-metrics.options.js';
import { BackgroundLoop } from '../scheduling/background-loop.js';
import { BackgroundLoops, type StoppableWork } from '../scheduling/background-loops.js';
import { DatabaseClock } from '../database/database-clock.js';
import { DatabaseChangedError, KnownDatabase, UNKNOWN_DATABASE } from '../database/known-database.js';
import { errorCodeOf, withDeadline } from '../database/outage.js';
import { DatabaseSchema } from '../database/schema/database-schema.js';
import { LiveValues } from '../live-values/live-values.js';
import { FutureArrivals } from '../sample-store/archive/retention/future-arrivals.js';
import { LiveValuesLoader } from '../sample-store/reading/live/live-values-loader.js';
import { LogApplier } from '../sample-store/reading/live/log-applier.js';
import { SampleBatchRepository } from '../sample-store/log/sample-batch.repository.js';
import { SampleLog } from '../sample-store/log/sample-log.js';
import { type StoreSnapshot, StoreSnapshotRepository } from '../sample-store/reading/store-snapshot.repository.js';
import { DatabasePollRepository } from './database-poll.repository.js';
import { type DatabasePlace, DatabasePlaceRepository, type SeenRows } from './database-place.repository.js';

/** The pause between two polls. Even an idle process notices a change of its database after about this time. */
const POLL_INTERVAL_MS = 250;

/** Maximum time for a poll. Without it, a silent connection would stop the polling. */
const POLL_DEADLINE_MS = 3_000;

/**
 * Maximum time to reload everything. Without it, a reload on a silent connection would never end. A million series take about
 * ten seconds.
 */
const RENEWAL_DEADLINE_MS = 120_000;

/**
 * Watches which database this process is connected to, and reloads everything when it is a different one than before, for example
 * after a failover to a standby or after a restore.
 *
 * Statements with remembered ids fail on another database (see {@link KnownDatabase}), so nothing is stored before the reload has
 * ended. If the server of the same database has merely restarted, nothing is reloaded; the process only records the new place. It
 * can tell a restart from a change of the database only if its role may read {@link DatabasePlace.origin}.
 */
@Injectable()
export class DatabaseWatch implements StoppableWork {
  private readonly logger = new Logger(DatabaseWatch.name);
  private readonly loop = new BackgroundLoop({
    name: 'look whether Postgres is still the same database',
    logger: this.logger,
    intervalMs: POLL_INTERVAL_MS,
    turn: () => this.poll(),
  });
  private origin: string | undefined;
  /** The number of the newest attempt. An attempt may still run after its deadline, and only the newest may change anything. */
  private attempt = 0;
  /** The number of steps of the clock that were followed; -1 before the check that belongs to the first load. */
  private followedSteps = -1;
  /** The time at which the first load began, by `performance.now()`. */
  private openedAt = 0;
  private examining: Promise<void> | undefined;

  constructor(
    private readonly known: KnownDatabase,
    private readonly schema: DatabaseSchema,
    private readonly clock: DatabaseClock,
    private readonly polls: DatabasePollRepository,
    private readonly places: DatabasePlaceRepository,
    private readonly store: StoreSnapshotRepository,
    private readonly catalog: Catalog,
    private readonly catalogMetrics: CatalogMetrics,
    private readonly creations: CreationRepository,
    private readonly tokens: ApiTokensService,
    private readonly loader: LiveValuesLoader,
    private readonly applier: LogApplier,
    private readonly batches: SampleBatchRepository,
    private readonly log: SampleLog,
    private readonly arrivals: FutureArrivals,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
    loops: BackgroundLoops,
  ) {
    loops.add(this);
  }

  /** Loads everything for the first time. */
  async open(): Promise<void> {
    const attempt = ++this.attempt;
    this.openedAt = performance.now();
    await this.store.withSnapshotOfAny(async (snapshot) => {
      await this.readAll(snapshot, await this.places.find(snapshot), attempt);
    });
    await this.tokens.open();
    this.known.watchBy(
      () => ({ ...this.catalog.landmarks, token: this.tokens.landmark, writer: this.log.landmark }),
      () => this.examine(),
    );
    // The first push must already be checked against the clock of the database.
    await this.poll();
  }

  /** Starts the polling. */
  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  private async poll(): Promise<void> {
    const startedAt = performance.now();
    try {
      this.clock.observe(await withDeadline(this.polls.poll(), POLL_DEADLINE_MS), startedAt);
      await this.followSteps();
    } catch (error) {
      if (errorCodeOf(error) !== UNKNOWN_DATABASE) throw error;
      await this.examine();
    }
  }

  /**
   * Corrects arrival times that are in the future. The log contains such times after the clock of the database was set back,
   * which may have happened before this process started.
   */
  private async followSteps(): Promise<void> {
    const { steps } = this.clock;
    if (steps === this.followedSteps) return;
    const isFirstCheck = this.followedSteps === -1 && steps === 0;
    if (await this.arrivals.bringBack(isFirstCheck ? this.openedAt : undefined)) this.followedSteps = steps;
  }

  /** Examines the database. Concurrent callers share one examination. */
  private examine(): Promise<void> {
    this.examining ??= withDeadline(this.recognise(), RENEWAL_DEADLINE_MS).finally(() => (this.examining = undefined));
    return this.examining;
  }

  private async recognise(): Promise<void> {
    const attempt = ++this.attempt;
    // These values are read before the snapshot is taken, because newer ones may be missing in the snapshot.
    const seen = {
      landmarks: this.known.landmarks,
      renamed: this.catalog.newestRenamed,
      correction: this.applier.correction,
      sequences: new Map(this.applier.applied),
    };
    await this.store.withSnapshotOfAny(async (snapshot) => {
      const found = await withDeadline(this.places.find(snapshot), POLL_DEADLINE_MS);
      if (await withDeadline(this.isSame(snapshot, found, seen), POLL_DEADLINE_MS)) {
        if (attempt === this.attempt) this.moveTo(found);
        return;
      }
      this.logger.warn(
        'Postgres is another database now, such as a standby after a failover or a restored backup. ' +
          'Reloading everything; until then, pushes and queries are answered with 503.',
      );
      await this.readAll(snapshot, found, attempt);
      await this.tokens.loadAnew();
      this.logger.log(`Everything was reloaded: ${this.catalog.seriesCount} series.`);
    });
  }

  private async isSame(snapshot: StoreSnapshot, { origin }: DatabasePlace, seen: SeenRows): Promise<boolean> {
    return origin !== undefined && origin === this.origin && (await this.places.has(snapshot, seen));
  }

  private moveTo({ place }: DatabasePlace): void {
    if (place === this.known.values[0]) return;
    this.known.moveTo(place);
    this.logger.log('Postgres has restarted and is the same database as before.');
  }

  /** Reads the catalog and the live values from one snapshot, and then replaces the old ones in one step. */
  private async readAll(snapshot: StoreSnapshot, { place, origin }: DatabasePlace, attempt: number): Promise<void> {
    const anything = new KnownDatabase(this.schema);
    const repository = new CatalogRepository(snapshot, anything, this.schema);
    const catalog = new Catalog(repository, this.creations, this.options, this.catalogMetrics);
    await catalog.load();
    const values = new LiveValues();
    const loaded = await this.loader.restoreInto(values, snapshot, catalog);
    const there = new KnownDatabase(this.schema);
    there.moveTo(place);
    const writer = await this.batches.createWriter(there);
    if (attempt !== this.attempt) throw new DatabaseChangedError();
    this.known.changeTo(place);
    this.origin = origin;
    this.catalog.replaceBy(catalog);
    this.applier.replaceBy(values, loaded);
    this.log.writeAs(writer);
  }
}
