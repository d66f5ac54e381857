import { Inject, Injectable, Logger } from '@nestjs/common';
import { Catalog } from '../../catalog/catalog.js';
import type { Series } from '../../catalog/series/series.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { KnownDatabase } from '../../database/known-database.js';
import { databaseMessageOf, waitOutOutage } from '../../database/outage.js';
import { type CommittedSamples, LiveValues } from '../../live-values/live-values.js';
import type { LogRow } from '../log/log-row.js';

/** How far each writer has been read: its newest sequence that the live values show. */
export type AppliedSequences = Map<number, number>;

type FoundSeries = readonly (Series | undefined)[];

/**
 * Shows what was committed in the live values, each row once: those of this process after their commit, those of others
 * when they were read from the log.
 */
@Injectable()
export class LogApplier {
  private readonly logger = new Logger(LogApplier.name);
  private appliedSequences: AppliedSequences = new Map();
  /** How far the last reload has read each writer. */
  private reloadedUntil: ReadonlyMap<number, number> = new Map();
  /** What was applied while a reload is under way, to be applied to what it loads, too. */
  private sinceReloadBegan: CommittedSamples[] | undefined;

  constructor(
    private readonly catalog: Catalog,
    private readonly liveValues: LiveValues,
    private readonly known: KnownDatabase,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  get applied(): ReadonlyMap<number, number> {
    return this.appliedSequences;
  }

  /** Applies a row that this process has committed. */
  applyCommitted(row: CommittedSamples): void {
    const leftOut = this.applyOnce(row);
    if (leftOut.length > 0) this.applyLater(row, leftOut);
    this.noteApplied(row);
  }

  /** Applies rows that others have committed. Rows of one writer have to come in the order of their sequences. */
  async apply(rows: readonly LogRow[]): Promise<void> {
    const { generation } = this.known;
    const resolved = await this.resolve(rows);
    this.known.assertStill(generation);
    for (const samples of resolved) {
      this.applyOnce(samples);
      this.noteApplied(samples);
    }
  }

  /** Rows with their series; samples of series that were removed since are left out. */
  async resolve(rows: readonly LogRow[], catalog = this.catalog): Promise<CommittedSamples[]> {
    let series = rows.map(({ seriesIds }) => findSeries(seriesIds, catalog));
    // Before anything is applied: a row is shown whole or not at all, also if Postgres goes away in between.
    if (await fetchMissingSeries(rows, series, catalog)) {
      series = rows.map(({ seriesIds }) => findSeries(seriesIds, catalog));
    }
    return rows.map(({ writerId, sequence, receivedAt, timestamps, values }, index) => ({
      ...knownSamples(series[index]!, values, timestamps),
      receivedAt,
      writerId,
      sequence,
    }));
  }

  /**
   * Puts freshly loaded live values in place of the present ones, which go on being kept up to date while it loads. What
   * was applied meanwhile and was not yet in what was loaded is applied again, so that nothing that was once shown is
   * missing for a moment: a counter that falls is a restart to Prometheus.
   *
   * @param load fills empty live values and tells how far it has read each writer
   */
  async reload(load: (fresh: LiveValues) => Promise<AppliedSequences>): Promise<void> {
    this.sinceReloadBegan = [];
    const { generation } = this.known;
    try {
      const fresh = new LiveValues();
      const loaded = await load(fresh);
      this.known.assertStill(generation);
      const since = this.sinceReloadBegan;
      this.liveValues.replaceBy(fresh);
      this.appliedSequences = loaded;
      this.reloadedUntil = new Map(loaded);
      this.sinceReloadBegan = undefined;
      // What was left out of a row comes as a second part of its sequence: all are compared before any is noted.
      const missing = since.filter((samples) => this.isNew(samples));
      for (const samples of missing) this.liveValues.apply(samples);
      for (const row of missing) this.noteApplied(row);
    } finally {
      this.sinceReloadBegan = undefined;
    }
  }

  /** Shows what was read of another database than before, in one step. */
  replaceBy(fresh: LiveValues, applied: AppliedSequences): void {
    this.liveValues.replaceBy(fresh);
    this.appliedSequences = applied;
    this.reloadedUntil = new Map(applied);
    this.sinceReloadBegan = undefined;
  }

  /** Looking for the series takes a statement, which nobody has to wait for: what is committed is durable. */
  private applyLater(part: CommittedSamples, places: readonly number[]): void {
    this.applyLeftOut(part, places).catch((error: unknown) => {
      this.logger.warn(`Samples of removed series could not be shown: ${databaseMessageOf(error)}`);
    });
  }

  /** @returns places of samples that were left out, because their series was removed meanwhile */
  private applyOnce(samples: CommittedSamples): readonly number[] {
    if (!this.isNew(samples)) return [];
    this.sinceReloadBegan?.push(samples);
    return this.liveValues.apply(samples);
  }

  private isNew({ writerId, sequence }: CommittedSamples): boolean {
    return sequence > (this.appliedSequences.get(writerId) ?? 0);
  }

  private noteApplied(row: CommittedSamples): void {
    if (this.isNew(row)) this.appliedSequences.set(row.writerId, row.sequence);
  }

  /**
   * Shows samples of this process' own row whose series had been removed when it was committed. A forgotten series comes
   * back by that, with a new place in memory; a deleted one takes its samples with it.
   */
  private async applyLeftOut(part: CommittedSamples, places: readonly number[]): Promise<void> {
    const { reloadedUntil } = this;
    const { generation } = this.known;
    const ids = Int32Array.from(places, (place) => part.series[place]!.id);
    const unknown = [...new Set(ids)].filter((id) => this.catalog.findSeriesById(id) === undefined);
    if (unknown.length > 0) await waitOutOutage(() => this.catalog.fetchSeries(unknown), this.options.store.waitMs);
    this.known.assertStill(generation);
    // A reload that ended meanwhile may have read the row itself.
    const isReloaded = reloadedUntil !== this.reloadedUntil;
    if (isReloaded && part.sequence <= (this.reloadedUntil.get(part.writerId) ?? 0)) return;
    const values = Float64Array.from(places, (place) => part.values[place]!);
    const { timestamps } = part;
    const times = timestamps && Float64Array.from(places, (place) => timestamps[place]!);
    const samples = { ...part, ...knownSamples(findSeries(ids, this.catalog), values, times) };
    this.sinceReloadBegan?.push(samples);
    this.liveValues.apply(samples);
  }
}

/** Series by their ids; undefined where one is not known. A loop, at half the cost of `Array.from`: a start looks up millions. */
function findSeries(ids: Int32Array, catalog: Catalog): FoundSeries {
  const found: (Series | undefined)[] = [];
  for (let index = 0; index < ids.length; index++) found.push(catalog.findSeriesById(ids[index]!));
  return found;
}

/**
 * Learns of series that another process has made.
 *
 * @returns whether any was missing
 */
async function fetchMissingSeries(
  rows: readonly LogRow[],
  found: readonly FoundSeries[],
  catalog: Catalog,
): Promise<boolean> {
  const missing = new Set<number>();
  for (const [row, series] of found.entries()) {
    if (!series.includes(undefined)) continue;
    for (const [place, each] of series.entries()) if (each === undefined) missing.add(rows[row]!.seriesIds[place]!);
  }
  if (missing.size > 0) await catalog.fetchSeries([...missing]);
  return missing.size > 0;
}

/** Leaves out samples of series that were removed since; their rows in the log keep the ids. */
function knownSamples(found: FoundSeries, values: Float64Array, timestamps: Float64Array | null) {
  if (!found.includes(undefined)) return { series: found as readonly Series[], values, timestamps };
  const isKnown = (_: number, index: number) => found[index] !== undefined;
  return {
    series: found.filter((each) => each !== undefined),
    values: values.filter(isKnown),
    timestamps: timestamps?.filter(isKnown) ?? null,
  };
}
