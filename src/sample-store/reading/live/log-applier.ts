import { Inject, Injectable, Logger } from '@nestjs/common';
import { Catalog } from '../../../catalog/catalog.js';
import type { Series } from '../../../catalog/series/series.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../../custom-metrics.options.js';
import { KnownDatabase } from '../../../database/known-database.js';
import { databaseMessageOf, waitOutOutage } from '../../../database/outage.js';
import { type CommittedSamples, LiveValues } from '../../../live-values/live-values.js';
import type { LogRow } from '../../log/log-row.js';

/** For each writer, the sequence number of the newest row that the live values contain. */
type AppliedSequences = Map<number, number>;

/** The newest commits and corrections that live values contain after they were loaded from the store. */
export interface LoadedState {
  readonly sequences: AppliedSequences;
  /** The id of the newest correction, or 0. */
  readonly correction: number;
}

type FoundSeries = readonly (Series | undefined)[];

/**
 * Applies committed rows to the live values, each row only once. Rows of this process are applied after their commit, and rows of
 * other processes when they have been read from the log.
 */
@Injectable()
export class LogApplier {
  private readonly logger = new Logger(LogApplier.name);
  private appliedSequences: AppliedSequences = new Map();
  private appliedCorrection = 0;
  /** For each writer, the newest sequence number that the last reload has read. */
  private reloadedUntil: ReadonlyMap<number, number> = new Map();
  /** Rows that were applied since a running reload began. They are applied to the loaded values as well. */
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

  /** The id of the newest correction that the live values contain, or 0. */
  get correction(): number {
    return this.appliedCorrection;
  }

  /** Applies a row that this process has committed. */
  applyCommitted(row: CommittedSamples): void {
    const leftOut = this.applyOnce(row);
    if (leftOut.length > 0) this.applyLater(row, leftOut);
    this.noteApplied(row);
  }

  /** Applies rows that other processes have committed. The rows of a writer must be in the order of their sequence numbers. */
  async apply(rows: readonly LogRow[]): Promise<void> {
    const { generation } = this.known;
    const resolved = await this.resolve(rows);
    this.known.assertStill(generation);
    for (const samples of resolved) {
      this.applyOnce(samples);
      this.noteApplied(samples);
    }
  }

  /** Finds the series of rows. Samples of series that have been removed since are left out. */
  async resolve(rows: readonly LogRow[], catalog = this.catalog): Promise<CommittedSamples[]> {
    let series = rows.map(({ seriesIds }) => findSeries(seriesIds, catalog));
    // Series are fetched before anything is applied, so that a row is shown completely or not at all, even if Postgres fails.
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
   * Replaces the current live values by freshly loaded ones. While the load runs, the current values are still updated. Rows that
   * were applied in the meantime and that the load did not read are applied to the new values as well, so that no shown value
   * disappears even for a moment. Prometheus would treat the fall of a counter as a restart.
   *
   * @param load fills empty live values and returns what it has read
   */
  async reload(load: (fresh: LiveValues) => Promise<LoadedState>): Promise<void> {
    this.sinceReloadBegan = [];
    const { generation } = this.known;
    try {
      const fresh = new LiveValues();
      const loaded = await load(fresh);
      this.known.assertStill(generation);
      const since = this.sinceReloadBegan;
      this.liveValues.replaceBy(fresh);
      this.takeOver(loaded);
      this.sinceReloadBegan = undefined;
      // A row may come in two parts with the same sequence number, so all rows are compared before any is recorded.
      const missing = since.filter((samples) => this.isNew(samples));
      for (const samples of missing) this.liveValues.apply(samples);
      for (const row of missing) this.noteApplied(row);
    } finally {
      this.sinceReloadBegan = undefined;
    }
  }

  /** Shows live values that were read from another database, in one step. */
  replaceBy(fresh: LiveValues, loaded: LoadedState): void {
    this.liveValues.replaceBy(fresh);
    this.takeOver(loaded);
    this.sinceReloadBegan = undefined;
  }

  private takeOver({ sequences, correction }: LoadedState): void {
    this.appliedSequences = sequences;
    this.reloadedUntil = new Map(sequences);
    this.appliedCorrection = correction;
  }

  /**
   * Applies left-out samples in the background. This needs a query, but no request waits for it, because the samples are durable.
   */
  private applyLater(part: CommittedSamples, places: readonly number[]): void {
    this.applyLeftOut(part, places).catch((error: unknown) => {
      this.logger.warn(`Samples of removed series could not be added to the live values: ${databaseMessageOf(error)}`);
    });
  }

  /** @returns the places of samples that were left out because their series has been removed in the meantime */
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
   * Applies samples of a row of this process whose series had been removed when the row was committed. A forgotten series is
   * restored by new samples and has a new object in memory; the samples of a deleted series are gone.
   */
  private async applyLeftOut(part: CommittedSamples, places: readonly number[]): Promise<void> {
    const { reloadedUntil } = this;
    const { generation } = this.known;
    const ids = Int32Array.from(places, (place) => part.series[place]!.id);
    const unknown = [...new Set(ids)].filter((id) => this.catalog.findSeriesById(id) === undefined);
    if (unknown.length > 0) await waitOutOutage(() => this.catalog.fetchSeries(unknown), this.options.store.waitMs);
    this.known.assertStill(generation);
    // A reload that has ended in the meantime may have read the row itself.
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

/**
 * Returns series by their ids, with undefined for an unknown id. A loop takes half the time of `Array.from`, which matters
 * because a start looks up millions of ids.
 */
function findSeries(ids: Int32Array, catalog: Catalog): FoundSeries {
  const found: (Series | undefined)[] = [];
  for (let index = 0; index < ids.length; index++) found.push(catalog.findSeriesById(ids[index]!));
  return found;
}

/**
 * Fetches series that another process has created.
 *
 * @returns whether any series was missing
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

/** Leaves out samples of series that have been removed since. Their log rows still contain the ids. */
function knownSamples(found: FoundSeries, values: Float64Array, timestamps: Float64Array | null) {
  if (!found.includes(undefined)) return { series: found as readonly Series[], values, timestamps };
  const isKnown = (_: number, index: number) => found[index] !== undefined;
  return {
    series: found.filter((each) => each !== undefined),
    values: values.filter(isKnown),
    timestamps: timestamps?.filter(isKnown) ?? null,
  };
}
