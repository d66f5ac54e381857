import { Inject, Injectable } from '@nestjs/common';
import { Catalog } from '../../catalog/catalog.js';
import { Refusal } from '../../catalog/refusal.js';
import { type Metric, Series } from '../../catalog/series/series.js';
import type { SeriesRequest } from '../../catalog/series/series-plan.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { DatabaseClock } from '../../database/database-clock.js';
import { FUTURE_TOLERANCE_MS } from '../../database/future-tolerance.js';
import { StoreUnavailableError } from '../../database/store-unavailable.error.js';
import type { StoreWait } from '../../database/store-wait.js';
import { Turns } from '../../scheduling/turns.js';
import { HistogramFamilies } from '../histograms/histogram-families.js';
import { descriptionOf, type IncomingSample } from '../incoming-sample.js';
import { checkTime, oldestKept } from '../sample-time.js';
import type { Sender } from '../sender.js';
import { checkTextLengths } from '../text-lengths.js';
import { memoKeyOf, memoPrefixOf, SeriesMemo } from './series-memo.js';
import { conflictOf, notFinite, SeriesResolver } from './series-resolver.js';

/**
 * The share of the cache memory for each of the two generations of the memo. The rest is for items that are recognised by their
 * bytes.
 */
const MEMO_GENERATION_SHARE = 0.2;

/** Number of samples between two checks of the time. A sample with many new labels takes about 50 µs, so 64 take about 3 ms. */
const SAMPLES_BETWEEN_TURNS = 64;

/** Maximum number of attempts to resolve a batch without a rename in the meantime. */
const MAX_ATTEMPTS = 5;

/** The series of a batch. */
export interface ResolvedBatch {
  /** For each item its series, its refusal, or undefined for a stale marker of a series that does not exist. */
  readonly found: readonly (Series | Refusal | undefined)[];
  /** True if nothing of the batch may be stored. In this case, its missing series have not been created. */
  readonly isRefused: boolean;
}

/** Finds the series of all items of a batch, and creates those that are missing. */
@Injectable()
export class BatchResolver {
  private readonly memo: SeriesMemo;

  constructor(
    private readonly resolver: SeriesResolver,
    private readonly families: HistogramFamilies,
    private readonly catalog: Catalog,
    private readonly clock: DatabaseClock,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {
    this.memo = new SeriesMemo(options.ingest.cacheMemoryBytes * MEMO_GENERATION_SHARE);
  }

  /** Estimated memory of remembered items, in bytes. */
  get cacheBytes(): number {
    return this.memo.bytes;
  }

  /**
   * Finds or creates the series of a batch.
   *
   * Other work runs in between, and if this process learns of a rename during that time, the batch is resolved again. Otherwise
   * some parts of a histogram could be stored under the new name and others under the former one.
   *
   * @param isStrict whether nothing is stored if any item is refused
   * @throws StoreUnavailableError if Postgres can't create series now
   */
  async resolve(samples: readonly IncomingSample[], sender: Sender, isStrict: boolean): Promise<ResolvedBatch> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const { renameCount } = this.catalog;
      const found: (Series | Refusal | undefined)[] = [];
      const missing = await this.resolveKnown(samples, sender, found);
      // A strict batch that is known to be refused must not create series.
      const isRefused = isStrict && found.some((each) => each instanceof Refusal);
      if (!isRefused && missing.length > 0) await this.resolveMissing(samples, sender, found, missing);
      if (renameCount === this.catalog.renameCount) return { found, isRefused };
    }
    throw new StoreUnavailableError(
      'Metrics are renamed repeatedly while this request is processed. Nothing of it was stored. Send it again after Retry-After.',
    );
  }

  /**
   * Puts the known series and the refusals into `found`, without asking Postgres. Returns the items whose series or declarations
   * have to be created.
   */
  private async resolveKnown(
    samples: readonly IncomingSample[],
    sender: Sender,
    found: (Series | Refusal | undefined)[],
  ): Promise<Missing[]> {
    const turns = new Turns();
    this.memo.keepOnlyFor(this.catalog.generation);
    const prefix = memoPrefixOf(sender);
    const missing: Missing[] = [];
    const { series, store, ingest } = this.options;
    const { maxSamples } = ingest;
    const newest = this.clock.now() + FUTURE_TOLERANCE_MS;
    const oldest = oldestKept(this.clock, this.options);
    const tooMany = tooManySamples(samples.length, maxSamples);
    for (let index = 0; index < samples.length; index++) {
      if (index % SAMPLES_BETWEEN_TURNS === SAMPLES_BETWEEN_TURNS - 1 && turns.isUp) {
        await turns.give();
        this.memo.keepOnlyFor(this.catalog.generation);
      }
      const sample = samples[index]!;
      const refusal = index >= maxSamples ? tooMany : checkTime(sample.timestamp, oldest, newest, store.retentionDays);
      if (refusal !== undefined) {
        found[index] = refusal;
        continue;
      }
      if (sample.isStale) {
        found[index] = this.resolver.find(sample, sender);
        continue;
      }
      const unusable = checkValue(sample) ?? checkTextLengths(sample, series);
      if (unusable !== undefined) {
        found[index] = unusable;
        continue;
      }
      const key = memoKeyOf(prefix, sample);
      const known = this.memo.find(key);
      // A pushed item may have the name and labels of a scraped series, but it is checked in another way.
      const isOfKnown = known?.isScraped === (sample.isScraped === true);
      if (known !== undefined && isOfKnown && this.saysNothingNew(sample, known)) {
        found[index] = known;
        continue;
      }
      const resolved = this.resolver.resolve(sample, sender);
      if (resolved instanceof Series && this.saysNothingNew(sample, resolved)) {
        this.memo.remember(key, sample, resolved);
        found[index] = resolved;
      } else if (resolved instanceof Refusal) {
        found[index] = resolved;
      } else {
        missing.push({ index, key, wanted: resolved });
      }
    }
    return missing;
  }

  private async resolveMissing(
    samples: readonly IncomingSample[],
    sender: Sender,
    found: (Series | Refusal | undefined)[],
    unresolved: readonly Missing[],
  ): Promise<void> {
    const { wait } = sender;
    const missing = await this.withFamilies(samples, found, unresolved, wait);
    const requests = missing.filter(
      (each): each is Missing & { wanted: SeriesRequest } => !(each.wanted instanceof Series),
    );
    const wantedSeries = requests.map(({ wanted }) => wanted);
    const created = requests.length > 0 ? await this.catalog.ensureSeries(wantedSeries, wait) : [];
    requests.forEach(({ index, wanted }, position) => {
      const series = created[position]!;
      // Another item or process may have created the series in the meantime, with the other temporality.
      found[index] = series instanceof Series ? (conflictOf(series, wanted.temporality) ?? series) : series;
    });
    const turns = new Turns();
    // A request may create a series and also end it with a stale marker, which did not find the series at first.
    for (const [index, sample] of samples.entries()) {
      if (sample.isStale === true) found[index] ??= this.resolver.find(sample, sender);
    }
    for (const { index, key, wanted } of missing) {
      if (turns.isUp) await turns.give();
      const description = descriptionOf(samples[index]!);
      const series = wanted instanceof Series ? wanted : found[index];
      if (!(series instanceof Series)) continue;
      if (!isDescribed(series.metric, description)) {
        await this.catalog.describe(series.metric, description, false, wait);
      }
      // The item is resolved again, because a declaration that was just written may contradict it.
      const again = this.resolver.resolve(samples[index]!, sender);
      found[index] = again instanceof Refusal ? again : series;
      // If the metric was renamed in the meantime, the item now belongs to another series, so this one must not be remembered for
      // it.
      if (again === series) this.memo.remember(key, samples[index]!, series);
    }
  }

  /** Declares new histograms, and refuses the items of those that can't be declared. Returns the other items. */
  private async withFamilies(
    samples: readonly IncomingSample[],
    found: (Series | Refusal | undefined)[],
    missing: readonly Missing[],
    wait: StoreWait | undefined,
  ): Promise<readonly Missing[]> {
    const parts = missing.flatMap(({ index }) => {
      const { histogram, isScraped } = samples[index]!;
      return histogram === undefined ? [] : { ...histogram, isScraped };
    });
    if (parts.length === 0) return missing;
    const refusals = await this.families.ensure(parts, wait);
    return missing.filter(({ index }) => {
      const { histogram } = samples[index]!;
      const refusal = histogram && refusals.get(histogram.name);
      if (refusal !== undefined) found[index] = refusal;
      return refusal === undefined;
    });
  }

  /** Returns whether everything that an item declares is already known. This is the usual case, in which the memo can be used. */
  saysNothingNew(sample: IncomingSample, series: Series): boolean {
    const { type, temporality, help, unit, histogram } = sample;
    return (
      (type == null || type === series.metric.type) &&
      (temporality == null || temporality === series.kind || (series.kind === 'gauge' && temporality !== 'delta')) &&
      (!help || series.metric.help !== null) &&
      (!unit || descriptionOf(sample).unit === series.metric.unit) &&
      (histogram === undefined || this.families.isDeclared(histogram))
    );
  }
}

/** An item whose series has to be created, or whose help, unit or histogram has to be declared. */
interface Missing {
  readonly index: number;
  readonly key: string | undefined;
  readonly wanted: SeriesRequest | Series;
}

/** Returns whether a metric has a help text if the item gives one, and a unit if the item gives one. The texts may differ. */
function isDescribed(metric: Metric, { help, unit }: ReturnType<typeof descriptionOf>): boolean {
  return (help === undefined || metric.help !== null) && (unit === undefined || metric.unit !== null);
}

/** Refuses values that are not numbers, for all receivers. JSON writes NaN and Infinity as null. */
function checkValue({ name, value }: IncomingSample): Refusal | undefined {
  return typeof value !== 'number' || Number.isNaN(value) ? notFinite(name) : undefined;
}

function tooManySamples(count: number, limit: number): Refusal {
  return new Refusal(
    'too_many_samples',
    `The request has ${count} samples, the limit (INGEST_MAX_SAMPLES) is ${limit}. The first ${limit} were processed. Send the rest in another request.`,
  );
}
