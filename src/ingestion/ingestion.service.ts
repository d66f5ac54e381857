import { Inject, Injectable } from '@nestjs/common';
import { Catalog } from '../catalog/catalog.js';
import type { Metric } from '../catalog/series/series.js';
import { Refusal } from '../catalog/refusal.js';
import type { SeriesRequest } from '../catalog/series/series-plan.js';
import { Series } from '../catalog/series/series.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../custom-metrics.options.js';
import { DatabaseClock } from '../database/database-clock.js';
import { FUTURE_TOLERANCE_MS } from '../database/future-tolerance.js';
import type { RequestReceipt } from '../sample-store/receipts/request-receipt.js';
import { LiveValues } from '../live-values/live-values.js';
import { abbreviate } from '../outside-text/abbreviate.js';
import { SampleLog } from '../sample-store/log/sample-log.js';
import { Turns } from '../scheduling/turns.js';
import { HistogramFamilies } from './histograms/histogram-families.js';
import { descriptionOf, type IncomingSample } from './incoming-sample.js';
import { IngestionMetrics } from './ingestion.metrics.js';
import type { Sender } from './sender.js';
import { memoKeyOf, memoPrefixOf, SeriesMemo } from './series/series-memo.js';
import { columnsOf } from './sample-columns.js';
import { checkTime } from './sample-time.js';
import { conflictOf, SeriesResolver } from './series/series-resolver.js';
import { checkTextLengths } from './text-lengths.js';
import type { IngestResult } from './ingest-result.js';
import { DAY_MS } from '../scheduling/units-of-time.js';

/** What goes along with the commit of a batch; not asked when nothing is taken. */
export interface CommitSteps {
  /** Makes what is committed with the samples to recognise the request, see IdempotentIngestion. */
  readonly receiptOf?: (outcome: IngestResult) => RequestReceipt;
  /** Is waited for before the samples are stored: what has to be known of them even if this process ends right after. */
  readonly beforeCommit?: (outcome: IngestResult) => Promise<void>;
}

/** Of the memory for caches; the rest is for items that are recognised by their bytes. There are two generations. */
const MEMO_GENERATION_SHARE = 0.2;

/** With many labels that are new, a sample takes some 50 µs. */
const SAMPLES_BETWEEN_TURNS = 64;

/**
 * The way in, shared by all front doors: checks what a sample means, finds or creates its series, and hands what is good
 * to the store.
 */
@Injectable()
export class IngestionService {
  private readonly memo: SeriesMemo;

  constructor(
    private readonly resolver: SeriesResolver,
    private readonly families: HistogramFamilies,
    private readonly catalog: Catalog,
    private readonly liveValues: LiveValues,
    private readonly log: SampleLog,
    private readonly clock: DatabaseClock,
    private readonly metrics: IngestionMetrics,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {
    this.memo = new SeriesMemo(options.ingest.cacheMemoryBytes * MEMO_GENERATION_SHARE);
  }

  /**
   * Takes the good items of a batch.
   *
   * @param isStrict takes nothing when one item can't be taken
   * @returns after the commit; with `isStrict` and refusals, `accepted` is 0 and nothing was stored
   * @throws StoreUnavailableError when Postgres can't take them now; AlreadyStoredError when the receipt is there already
   */
  async ingest(
    samples: readonly IncomingSample[],
    sender: Sender,
    isStrict = false,
    { receiptOf, beforeCommit }: CommitSteps = {},
  ): Promise<IngestResult> {
    const series: (Series | Refusal | undefined)[] = [];
    const missing = await this.resolveKnown(samples, sender, series);
    // What is refused whole must not leave new series behind.
    if (isStrict && series.some((each) => each instanceof Refusal)) {
      const refused = series.flatMap((each, index) => (each instanceof Refusal ? { index, refusal: each } : []));
      this.metrics.countRefused(refused);
      return { accepted: 0, refused, series: [] };
    }
    if (missing.length > 0) await this.resolveMissing(samples, sender, series, missing);
    this.metrics.setCacheBytes('series', this.memo.bytes);

    const {
      accepted,
      refused,
      series: rows,
      values,
      timestamps,
    } = columnsOf(samples, series, (each) => this.liveValues.newestAtOf(each), this.oldestKept());
    this.metrics.countRefused(refused);
    if (isStrict && refused.length > 0) return { accepted: 0, refused, series: [] };
    const outcome = { accepted: accepted.length, refused, series: accepted };
    if (accepted.length > 0) {
      await beforeCommit?.(outcome);
      await this.log.append({ series: rows, values, timestamps }, receiptOf?.(outcome));
      this.metrics.countAccepted(accepted.length);
    }
    return outcome;
  }

  /** What remembered items rest on; see {@link Catalog.generation}. */
  get generation(): number {
    return this.catalog.generation;
  }

  /**
   * Takes samples whose series a front door knows from an earlier batch that was taken: deltas are not negative, and all
   * have the time of arrival.
   *
   * @throws StoreUnavailableError when Postgres can't take them now
   */
  async ingestKnown(series: readonly Series[], values: Float64Array): Promise<void> {
    await this.log.append({ series, values, timestamps: null });
    this.metrics.countAccepted(series.length);
  }

  /** No sample before this time is kept. */
  private oldestKept(): number {
    return this.clock.now() - this.options.store.retentionDays * DAY_MS;
  }

  /** Fills in what is known without asking Postgres, and returns what has to be created. */
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
    const oldest = this.oldestKept();
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
      if (known !== undefined && this.saysNothingNew(sample, known)) {
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
    const missing = await this.withFamilies(samples, found, unresolved);
    const requests = missing.filter(
      (each): each is Missing & { wanted: SeriesRequest } => !(each.wanted instanceof Series),
    );
    const created = requests.length > 0 ? await this.catalog.ensureSeries(requests.map(({ wanted }) => wanted)) : [];
    requests.forEach(({ index, wanted }, position) => {
      const series = created[position]!;
      // Another item or process may have made the series first, and of the other temporality.
      found[index] = series instanceof Series ? (conflictOf(series, wanted.temporality) ?? series) : series;
    });
    const turns = new Turns();
    for (const { index, key, wanted } of missing) {
      if (turns.isUp) await turns.give();
      const description = descriptionOf(samples[index]!);
      const series = wanted instanceof Series ? wanted : found[index];
      if (!(series instanceof Series)) continue;
      if (!isDescribed(series.metric, description)) {
        await this.catalog.describe(series.metric, description, false);
      }
      // Resolved again: what was just written, here or by another item, may contradict this one.
      const again = this.resolver.resolve(samples[index]!, sender);
      found[index] = again instanceof Refusal ? again : series;
      if (!(again instanceof Refusal)) this.memo.remember(key, samples[index]!, series);
    }
  }

  /** Declares the histograms that are new, and leaves out what belongs to one that can't be declared. */
  private async withFamilies(
    samples: readonly IncomingSample[],
    found: (Series | Refusal | undefined)[],
    missing: readonly Missing[],
  ): Promise<readonly Missing[]> {
    const parts = missing.flatMap(({ index }) => samples[index]!.histogram ?? []);
    if (parts.length === 0) return missing;
    const refusals = await this.families.ensure(parts);
    return missing.filter(({ index }) => {
      const { histogram } = samples[index]!;
      const refusal = histogram && refusals.get(histogram.name);
      if (refusal !== undefined) found[index] = refusal;
      return refusal === undefined;
    });
  }

  /** Whether what an item declares is already so: the usual case, in which the memo's answer holds. */
  private saysNothingNew(sample: IncomingSample, series: Series): boolean {
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

/** An item whose series has to be created, or whose metric has to learn its help or unit. */
interface Missing {
  readonly index: number;
  readonly key: string | undefined;
  readonly wanted: SeriesRequest | Series;
}

/** Whether all that is said of a metric has been said before, be it in other words. */
function isDescribed(metric: Metric, { help, unit }: ReturnType<typeof descriptionOf>): boolean {
  return (help === undefined || metric.help !== null) && (unit === undefined || metric.unit !== null);
}

/** Only finite numbers are stored, whichever way they came in; JSON writes NaN and Infinity as null. */
function checkValue({ name, value }: IncomingSample): Refusal | undefined {
  if (Number.isFinite(value)) return undefined;
  return new Refusal(
    'value_invalid',
    `The value of ${abbreviate(name)} is not a finite number; JSON writes NaN and Infinity as null. Leave the item out.`,
  );
}

function tooManySamples(count: number, limit: number): Refusal {
  return new Refusal(
    'too_many_samples',
    `The request has ${count} samples, the limit (INGEST_MAX_SAMPLES) is ${limit}; the first ${limit} were looked at. Send the rest in another request.`,
  );
}
