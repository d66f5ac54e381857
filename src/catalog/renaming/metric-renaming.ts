import { Inject, Injectable, Logger } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { databaseMessageOf, errorCodeOf } from '../../database/outage.js';
import { StoreUnavailableError } from '../../database/store-unavailable.error.js';
import { Catalog } from '../catalog.js';
import { OwnMetrics } from '../metric/own-metrics.js';
import { labelsToText } from '../series/label-set.js';
import { identityOf } from '../series/series-identity.js';
import { type RenameOutcome, RenameRefusedError, type RenameRequest } from './rename.js';
import { type PlannedMetric, planRename } from './rename-plan.js';
import { type NamedSeries, type RenameTransaction, RenamingRepository } from './renaming.repository.js';
import { namesAskedFor, StoredNames } from './stored-names.js';

const QUERY_CANCELED = '57014';
const DEADLOCK_DETECTED = '40P01';
const RETRY_AFTER_SECONDS = 5;

/**
 * Renames metrics on request. A series keeps its id, and samples are stored under ids, so nothing but the rows of metrics and
 * series changes: the history, the live values and the caches of other series stay as they are.
 *
 * A rename is one transaction. It takes effect immediately in this process and in Postgres; other processes learn of it from the
 * change feed (see CatalogChangeFeed), or as soon as they read or create something of the old or the new name.
 */
@Injectable()
export class MetricRenaming {
  private readonly logger = new Logger(MetricRenaming.name);
  private readonly timeoutSeconds: number;
  private isRunning = false;

  constructor(
    private readonly repository: RenamingRepository,
    private readonly catalog: Catalog,
    private readonly own: OwnMetrics,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {
    this.timeoutSeconds = options.correction.timeoutSeconds;
  }

  /**
   * Renames a metric; a histogram or summary is renamed together with its counters. In a dry run, everything is only checked and
   * counted.
   *
   * @throws UnknownMetricError, RenameRefusedError, StoreUnavailableError if another rename runs or this one takes too long
   */
  async rename(request: RenameRequest): Promise<RenameOutcome> {
    // Each rename that waited for the lock would hold a connection that pushes need.
    if (this.isRunning) {
      throw new StoreUnavailableError(
        'This process is already renaming another metric. Nothing was renamed; try again after Retry-After.',
        RETRY_AFTER_SECONDS,
      );
    }
    this.isRunning = true;
    try {
      const outcome = await this.inTransaction(request);
      if (!request.isDryRun) await this.learn(outcome);
      return outcome;
    } catch (error) {
      throw errorCodeOf(error) === QUERY_CANCELED ? this.tooSlow() : error;
    } finally {
      this.isRunning = false;
    }
  }

  /**
   * Runs the transaction of a rename, and tries it once more after a deadlock. A deadlock is possible because other statements
   * lock metrics and series in another order: a push locks the metrics of its new series in the order of their identities, and a
   * removal of idle series locks their metric last. Postgres ends one of the transactions that wait for each other, so the second
   * attempt finds the locks free or waits for them.
   */
  private async inTransaction(request: RenameRequest): Promise<RenameOutcome> {
    const attempt = () =>
      this.repository.inTransaction(this.timeoutSeconds * 1000, (transaction) => this.run(transaction, request));
    try {
      return await attempt();
    } catch (error) {
      if (errorCodeOf(error) !== DEADLOCK_DETECTED) throw error;
      return attempt();
    }
  }

  private async run(transaction: RenameTransaction, request: RenameRequest): Promise<RenameOutcome> {
    const rows = await this.repository.findMetrics(transaction, namesAskedFor(request), !request.isDryRun);
    if (!rows.some(({ name }) => name === request.from)) {
      const earlier = await this.repository.findEarlier(transaction, request);
      if (earlier !== undefined) return earlier;
    }
    const ids = rows.map(({ id }) => id);
    const stored = new StoredNames(rows, await this.repository.findFacts(transaction, ids));
    const metrics = planRename(request, stored, { own: this.own, names: this.options.series });
    const series = metrics.reduce((sum, { from }) => sum + stored.factsOf(stored.findMetric(from)!).count, 0);
    await this.renameSeries(transaction, metrics, request);
    if (!request.isDryRun) await this.repository.renameMetrics(transaction, request, metrics, series);
    return { renamed: metrics.map(({ from, to }) => ({ from, to })), series, isReplay: false };
  }

  /** Changes the identities of all series, which contain the name of the metric. In a dry run, the series are only checked. */
  private async renameSeries(
    transaction: RenameTransaction,
    metrics: readonly PlannedMetric[],
    { to, isDryRun }: RenameRequest,
  ): Promise<void> {
    const names = new Map(metrics.map(({ id, to }) => [id, to]));
    // Labels matter only next to a metric of the service.
    const isNextToOwn = metrics.some(({ to }) => this.own.conflictOfLabels(to, []) !== undefined);
    if (isDryRun && !isNextToOwn) return;
    const until = performance.now() + this.timeoutSeconds * 1000;
    for (let afterId = 0; ;) {
      const page = await this.repository.findSeries(transaction, [...names.keys()], afterId);
      if (page.length === 0) return;
      if (isNextToOwn) for (const each of page) this.checkLabels(each, names.get(each.metricId)!);
      if (!isDryRun) {
        const identities = page.map(({ metricId, labels }) => identityOf(names.get(metricId)!, labelsToText(labels)));
        const ids = page.map(({ id }) => id);
        await this.repository.changeIdentities(transaction, to, ids, identities);
      }
      if (performance.now() > until) throw this.tooSlow();
      afterId = page.at(-1)!.id;
    }
  }

  /** @throws RenameRefusedError for a series that the exposition could not show next to a series of the service */
  private checkLabels({ labels, isScraped }: NamedSeries, name: string): void {
    const conflict = isScraped ? undefined : this.own.conflictOfLabels(name, labels);
    if (conflict !== undefined) throw new RenameRefusedError(conflict);
  }

  /** Reads the new names. A failure must not fail the request, because the metric has already been renamed. */
  private async learn({ renamed }: RenameOutcome): Promise<void> {
    try {
      await this.catalog.reread(renamed.map(({ to }) => to));
    } catch (error) {
      // The change feed reads the new names, and tries until it succeeds.
      this.logger.warn(`A metric was renamed, but its new name could not be read yet: ${databaseMessageOf(error)}`);
    }
  }

  private tooSlow(): StoreUnavailableError {
    return new StoreUnavailableError(
      `The rename took longer than ${this.timeoutSeconds} s (CORRECTION_TIMEOUT_SECONDS), and nothing was renamed. Try again when Postgres ` +
        'has less to do, or raise the limit.',
      RETRY_AFTER_SECONDS,
    );
  }
}
