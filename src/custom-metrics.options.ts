import type { FirstTokensKeeper } from './api-tokens/first-tokens-keeper.js';
import type { Temporality } from './catalog/metric/metric.js';
import { ownHeapShares } from './settings/heap-shares.js';

/** What a batch, a sample and a series may be at most. Every refusal names the limit it met. */
export interface IngestLimits {
  /** Bytes of one request's body after inflation. */
  readonly bodyBytes: number;
  /** Bytes that the bodies of all requests under way may hold; more are answered 503. */
  readonly bodiesBytes: number;
  readonly samplesPerRequest: number;
  readonly labelsPerSeries: number;
  /** Characters of a metric name and of a label name. */
  readonly nameLength: number;
  /** Characters of a label value. */
  readonly labelValueLength: number;
  /** Series that one token may create. */
  readonly seriesPerToken: number;
  readonly seriesPerMetric: number;
  /** Series of the whole database that one process keeps in memory. */
  readonly series: number;
  /** Bytes of memory that the series of one token may take. */
  readonly seriesBytesPerToken: number;
  /** Bytes of memory that all series may take; more are refused. */
  readonly seriesBytes: number;
}

/** What Prometheus' API shows of pushed series, and what one query may cost. Every refusal names the limit it met. */
export interface PromqlOptions {
  /** A range sees the held value of a pushed series on a grid of this width, aligned to the epoch. */
  readonly gridSeconds: number;
  /** How long a gauge holds its value after a push; 0 = until the next one. */
  readonly gaugeTimeToLiveSeconds: number;
  /** How long a counter holds its value after a push; 0 = until the next one. */
  readonly counterTimeToLiveSeconds: number;
  /** How old a sample may be that an instant selector takes, in the raw and the delta view. */
  readonly lookbackSeconds: number;
  /** From the arrival of a query to the last byte of its answer. */
  readonly timeoutSeconds: number;
  /** Samples that one query may read. */
  readonly maxSamples: number;
  /** Series that one query may touch. */
  readonly maxSeries: number;
  /** Steps of one range query. */
  readonly maxPoints: number;
  /** Queries of one token that may be under way, waiting ones among them. */
  readonly queriesPerToken: number;
  /** Worker threads, which is how many queries run at once. */
  readonly workers: number;
  /** Memory of one worker's JavaScript heap; its samples come on top of it. */
  readonly workerMemoryBytes: number;
  /** Stored sums stand for samples that a query does not tell apart. The answers are the same. */
  readonly readsSums: boolean;
}

/** Everything a host decides about the module. All have defaults: `CustomMetricsModule.forRoot({})` works. */
export interface CustomMetricsOptions {
  /** What a counter sample says when neither the item, the metric nor the token says so. */
  readonly counterTemporality: Temporality;
  readonly limits: IngestLimits;
  /** Bytes of memory for what is remembered to recognise what is pushed again. */
  readonly cacheBytes: number;
  /** Requests a minute and token; 0 = no limit. */
  readonly ingestRateLimitPerMinute: number;
  /** How long an `Idempotency-Key` is remembered; a request that is sent again later is stored again. */
  readonly idempotencyRetentionSeconds: number;
  readonly prometheusPush: {
    /** Whether `/metrics/job/…` takes what Pushgateway's clients send. */
    readonly hasPushgatewayPaths: boolean;
  };
  /** Samples older than this are refused. */
  readonly retentionDays: number;
  /** What is older than this, ms since the epoch, may be dropped at once, however much it is. */
  readonly retentionConfirmedBefore: number;
  readonly store: {
    /** How long a request is held while Postgres is away before it is answered 503. */
    readonly waitMs: number;
    /** Samples that may wait for a commit; more are answered 503. */
    readonly queueSamples: number;
  };
  readonly archive: {
    /** How old rows of the log are when they are compacted into chunks. */
    readonly foldHorizonSeconds: number;
    /** Time between two looks for what is to compact, merge or drop. */
    readonly foldIntervalSeconds: number;
    /** Period of one chunk; a day has to be a whole multiple of it. */
    readonly chunkPeriodSeconds: number;
  };
  readonly exposition: {
    /** `token` asks the scope `scrape` of whoever reads the page. */
    readonly auth: 'none' | 'token';
    /** False when the page is served elsewhere, for instance on a port of its own. */
    readonly isServedByController: boolean;
    /** A gauge not pushed for this long leaves the page; 0 = never. */
    readonly gaugeIdleHideSeconds: number;
    /** How long sending the page may take; then the reader loses its connection. */
    readonly timeoutSeconds: number;
    /** Scrapes that are answered at one time; more are answered 503. */
    readonly maxScrapes: number;
    /** Bytes of rendered pages that are kept for slow readers; beyond it the slowest loses its connection. */
    readonly bufferBytes: number;
  };
  readonly history: {
    /** Samples that one request may read. */
    readonly maxSamples: number;
    /** Points of one series in an answer. */
    readonly maxPoints: number;
  };
  /** PromQL: what `/api/v1` shows and what a query may cost. */
  readonly promql: PromqlOptions;
  /** How names and attributes of OpenTelemetry come out. */
  readonly otlp: {
    /** Whether names get their unit, `_total` and `_ratio`, as Prometheus' own OTLP endpoint adds them. */
    readonly addsSuffixes: boolean;
    /** Whether every series gets name and version of its scope as labels. */
    readonly addsScopeLabels: boolean;
    /** Resource attributes that become labels of every series. */
    readonly promotedResourceAttributes: readonly string[];
  };
  readonly unleash: {
    /** A real Unleash that answers what SDKs ask beside sending metrics, as they would be given it; undefined = there is none. */
    readonly upstreamUrl: string | undefined;
    /** Maximum number of concurrent requests to it, streams among them. One token gets at most half of them. */
    readonly upstreamRequests: number;
    /** Whether impact metrics get the labels `origin` and `metric_type`, as Unleash adds them. */
    readonly addsImpactLabels: boolean;
  };
  readonly tokens: {
    /** Tokens made known on a start with an empty token table: the Unleash way of seeding. */
    readonly seeds: readonly TokenSeed[];
    /** Requests a minute and address with a wrong token, before further ones are answered 429; 0 = no limit. */
    readonly failuresPerMinute: number;
    /** Where generated first tokens go; undefined = only to `FirstTokensService.created`. */
    readonly keeper: FirstTokensKeeper | undefined;
  };
}

/** A token that an operator chose himself. */
export interface TokenSeed {
  readonly secret: string;
  readonly kind: 'backend' | 'frontend' | 'admin';
}

/** What a host passes: any part of the options. */
export type CustomMetricsModuleOptions = {
  readonly [Key in keyof CustomMetricsOptions]?: CustomMetricsOptions[Key] extends string | number
    ? CustomMetricsOptions[Key]
    : Partial<CustomMetricsOptions[Key]>;
};

/** Injection token of the complete {@link CustomMetricsOptions}. */
export const CUSTOM_METRICS_OPTIONS = Symbol('CUSTOM_METRICS_OPTIONS');

const HEAP_SHARES = ownHeapShares();

const DEFAULTS: CustomMetricsOptions = {
  counterTemporality: 'delta',
  limits: {
    bodyBytes: 5 * 1024 * 1024,
    bodiesBytes: 64 * 1024 * 1024,
    samplesPerRequest: 10_000,
    labelsPerSeries: 32,
    nameLength: 200,
    labelValueLength: 1_000,
    seriesPerToken: 100_000,
    seriesPerMetric: 10_000,
    series: 1_000_000,
    seriesBytesPerToken: HEAP_SHARES.seriesBytesPerToken,
    seriesBytes: HEAP_SHARES.seriesBytes,
  },
  cacheBytes: HEAP_SHARES.cacheBytes,
  ingestRateLimitPerMinute: 6_000,
  idempotencyRetentionSeconds: 24 * 3600,
  prometheusPush: { hasPushgatewayPaths: true },
  retentionDays: 90,
  retentionConfirmedBefore: 0,
  store: { waitMs: 5_000, queueSamples: 2_000_000 },
  archive: { foldHorizonSeconds: 120, foldIntervalSeconds: 30, chunkPeriodSeconds: 6 * 3600 },
  exposition: {
    auth: 'none',
    isServedByController: true,
    gaugeIdleHideSeconds: 24 * 3600,
    timeoutSeconds: 60,
    maxScrapes: 1_000,
    bufferBytes: 64 * 1024 * 1024,
  },
  history: { maxSamples: 5_000_000, maxPoints: 11_000 },
  promql: {
    gridSeconds: 15,
    gaugeTimeToLiveSeconds: 24 * 3600,
    counterTimeToLiveSeconds: 0,
    lookbackSeconds: 300,
    timeoutSeconds: 60,
    maxSamples: 5_000_000,
    maxSeries: 50_000,
    maxPoints: 11_000,
    queriesPerToken: 20,
    workers: 2,
    workerMemoryBytes: 512 * 1024 * 1024,
    readsSums: true,
  },
  otlp: { addsSuffixes: true, addsScopeLabels: false, promotedResourceAttributes: [] },
  unleash: { upstreamUrl: undefined, upstreamRequests: 5_000, addsImpactLabels: true },
  tokens: { seeds: [], failuresPerMinute: 60, keeper: undefined },
};

/** Fills what the host left out with the defaults. */
export function completeOptions(given: CustomMetricsModuleOptions): CustomMetricsOptions {
  return {
    counterTemporality: given.counterTemporality ?? DEFAULTS.counterTemporality,
    limits: limitsOf(given.limits ?? {}),
    cacheBytes: given.cacheBytes ?? DEFAULTS.cacheBytes,
    ingestRateLimitPerMinute: given.ingestRateLimitPerMinute ?? DEFAULTS.ingestRateLimitPerMinute,
    idempotencyRetentionSeconds: given.idempotencyRetentionSeconds ?? DEFAULTS.idempotencyRetentionSeconds,
    prometheusPush: { ...DEFAULTS.prometheusPush, ...given.prometheusPush },
    retentionDays: given.retentionDays ?? DEFAULTS.retentionDays,
    retentionConfirmedBefore: given.retentionConfirmedBefore ?? DEFAULTS.retentionConfirmedBefore,
    store: { ...DEFAULTS.store, ...given.store },
    archive: { ...DEFAULTS.archive, ...given.archive },
    exposition: { ...DEFAULTS.exposition, ...given.exposition },
    history: { ...DEFAULTS.history, ...given.history },
    promql: { ...DEFAULTS.promql, ...given.promql },
    otlp: { ...DEFAULTS.otlp, ...given.otlp },
    unleash: { ...DEFAULTS.unleash, ...given.unleash },
    tokens: { ...DEFAULTS.tokens, ...given.tokens },
  };
}

/** One token may have half of the memory for series, whoever sets that. */
function limitsOf(given: Partial<IngestLimits>): IngestLimits {
  const seriesBytes = given.seriesBytes ?? DEFAULTS.limits.seriesBytes;
  const seriesBytesPerToken = given.seriesBytesPerToken ?? Math.floor(seriesBytes / 2);
  return { ...DEFAULTS.limits, ...given, seriesBytes, seriesBytesPerToken };
}
