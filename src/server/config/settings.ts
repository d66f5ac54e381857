import type { PromqlOptions } from '../../custom-metrics.options.js';
import { type Environment, ENVIRONMENT_GROUPS } from './environment.js';
import type { InitialToken } from './initial-token.js';
import { findMisspelledSettings } from './misspelled-settings.js';
import { readEnvironment } from './read-environment.js';
import { declaredSettings } from './rules/setting.decorator.js';

/** Everything that an operator can set; read once at the start, frozen, and handed on as a value. */
export interface Settings {
  readonly http: {
    readonly host: string;
    /** 0: any free port. */
    readonly port: number;
    /** How long requests under way may take after the order to stop. */
    readonly shutdownTimeoutMs: number;
    /** Of the bodies of all requests under way. */
    readonly bodiesMaxBytes: number;
    /** How long a request may take to arrive. */
    readonly requestTimeoutMs: number;
    /** `undefined`: derived from the limit of open files. */
    readonly maxConnections: number | undefined;
  };
  readonly database: {
    /** Carries the password: never log it. `undefined`: start the embedded Postgres. */
    readonly url: string | undefined;
    readonly poolSize: number;
    readonly startWaitSeconds: number;
    /** Folder of the embedded Postgres, as it was set: may be relative to the working directory. */
    readonly dataDirectory: string;
    readonly migratesOnStart: boolean;
  };
  readonly logging: {
    /** The least serious messages that are still logged. */
    readonly level: 'error' | 'warn' | 'info' | 'debug';
    /** `undefined`: text on a terminal, JSON otherwise. */
    readonly format: 'json' | 'text' | undefined;
  };
  readonly ingest: {
    /** What the value of a counter says if nothing nearer does: add it, or it is the sender's running total. */
    readonly counterTemporality: 'delta' | 'cumulative';
    /** Per token. 0: no limit. */
    readonly rateLimitPerMinute: number;
    /** After decompression. */
    readonly maxBodyBytes: number;
    readonly maxSamples: number;
    /** `undefined`: a share of the heap. */
    readonly cacheBytes: number | undefined;
    /** How long an `Idempotency-Key` is remembered. */
    readonly idempotencyRetentionSeconds: number;
    readonly hasPushgatewayPaths: boolean;
  };
  readonly series: {
    readonly maxLabels: number;
    readonly metricNameMaxLength: number;
    readonly labelValueMaxLength: number;
    readonly perTokenLimit: number;
    readonly perMetricLimit: number;
    readonly totalLimit: number;
    /** `undefined`: half of `memoryBytes`. */
    readonly perTokenMemoryBytes: number | undefined;
    /** `undefined`: a share of the heap. */
    readonly memoryBytes: number | undefined;
  };
  readonly store: {
    /** How long a request is held while Postgres is away. */
    readonly waitMs: number;
    /** Most samples that may wait for a commit; never less than `ingest.maxSamples`. */
    readonly queueSamples: number;
    readonly retentionDays: number;
    readonly retentionConfirmedBefore: number | undefined;
  };
  readonly archive: {
    readonly foldHorizonSeconds: number;
    readonly foldIntervalSeconds: number;
    /** A day is a whole multiple of it. */
    readonly chunkPeriodSeconds: number;
  };
  readonly exposition: {
    readonly auth: 'none' | 'token';
    /** `undefined`: served on `http.port`. 0: any free port. */
    readonly port: number | undefined;
    /** 0: never hidden. */
    readonly gaugeIdleHideSeconds: number;
    /** How long sending the page may take. */
    readonly timeoutSeconds: number;
    /** Maximum number of concurrent scrapes. */
    readonly maxScrapes: number;
    /** Of rendered pages that are kept for slow readers. */
    readonly bufferBytes: number;
  };
  readonly history: {
    /** Carries the password: never log it. `undefined`: the same database as everything else. */
    readonly databaseUrl: string | undefined;
    /** Most samples that one request may read. */
    readonly maxSamples: number;
    /** Most points of one series in an answer. */
    readonly maxPoints: number;
  };
  readonly promql: PromqlOptions & {
    /** Where `/api/v1` needs no token. `undefined`: nowhere. 0: any free port. */
    readonly openPort: number | undefined;
  };
  readonly otlp: {
    /** Whether names get their unit, `_total` and `_ratio`. */
    readonly addsSuffixes: boolean;
    /** Whether series get the name and version of their scope as labels. */
    readonly addsScopeLabels: boolean;
    /** Resource attributes that become labels of every series. */
    readonly promotedResourceAttributes: readonly string[];
  };
  readonly unleash: {
    /** As SDKs would be given it. `undefined`: there is none. */
    readonly upstreamUrl: string | undefined;
    /** Most requests that may be there at one time. */
    readonly upstreamRequests: number;
    /** Whether impact metrics get `origin` and `metric_type`. */
    readonly addsImpactLabels: boolean;
  };
  readonly tokens: {
    /** To be created if the token table is empty. */
    readonly initial: readonly InitialToken[];
    /** Of one address. 0: no limit. */
    readonly failuresPerMinute: number;
  };
  /** What is probably a mistake but no reason not to start; to be logged once there is a logger. */
  readonly warnings: readonly string[];
}

/**
 * Turns the environment into settings. Nothing else is read but the files that variables like `DATABASE_URL_FILE` name,
 * and nothing is changed.
 *
 * @param env the process' own unless a test says otherwise: nothing else in the project reads it
 * @throws InvalidEnvironmentError with every problem at once
 */
export function loadSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const environment = readEnvironment(env);
  return deepFreeze({ ...groupSettings(environment), warnings: findWarnings(env, environment) });
}

function groupSettings(environment: Environment): Omit<Settings, 'warnings'> {
  return {
    http: {
      host: environment.HOST,
      port: environment.PORT,
      shutdownTimeoutMs: environment.SHUTDOWN_TIMEOUT_MS,
      bodiesMaxBytes: environment.HTTP_BODIES_MAX_BYTES,
      requestTimeoutMs: environment.HTTP_REQUEST_TIMEOUT * 1000,
      maxConnections: environment.HTTP_MAX_CONNECTIONS,
    },
    database: {
      url: environment.DATABASE_URL,
      poolSize: environment.DATABASE_POOL_SIZE,
      startWaitSeconds: environment.DATABASE_START_WAIT_SECONDS,
      dataDirectory: environment.DATA_DIR,
      migratesOnStart: environment.MIGRATE_ON_START,
    },
    logging: {
      level: environment.LOG_LEVEL,
      format: environment.LOG_FORMAT,
    },
    ingest: {
      counterTemporality: environment.COUNTER_TEMPORALITY,
      rateLimitPerMinute: environment.INGEST_RATE_LIMIT_PER_MINUTE,
      maxBodyBytes: environment.INGEST_MAX_BODY_BYTES,
      maxSamples: environment.INGEST_MAX_SAMPLES,
      cacheBytes: environment.INGEST_CACHE_MEMORY,
      idempotencyRetentionSeconds: environment.IDEMPOTENCY_RETENTION,
      hasPushgatewayPaths: environment.PUSHGATEWAY_PATHS,
    },
    series: {
      maxLabels: environment.SERIES_MAX_LABELS,
      metricNameMaxLength: environment.METRIC_NAME_MAX_LENGTH,
      labelValueMaxLength: environment.LABEL_VALUE_MAX_LENGTH,
      perTokenLimit: environment.SERIES_PER_TOKEN_LIMIT,
      perMetricLimit: environment.SERIES_PER_METRIC_LIMIT,
      totalLimit: environment.SERIES_LIMIT,
      perTokenMemoryBytes: environment.SERIES_MEMORY_PER_TOKEN_LIMIT,
      memoryBytes: environment.SERIES_MEMORY_LIMIT,
    },
    store: {
      waitMs: environment.STORE_WAIT_MS,
      queueSamples: environment.STORE_QUEUE_SAMPLES,
      retentionDays: environment.RETENTION_DAYS,
      retentionConfirmedBefore: environment.RETENTION_CONFIRMED_BEFORE,
    },
    archive: {
      foldHorizonSeconds: environment.FOLD_HORIZON_SECONDS,
      foldIntervalSeconds: environment.FOLD_INTERVAL_SECONDS,
      chunkPeriodSeconds: environment.CHUNK_PERIOD,
    },
    exposition: {
      auth: environment.METRICS_AUTH,
      port: separateMetricsPort(environment),
      gaugeIdleHideSeconds: environment.SERIES_IDLE_HIDE,
      timeoutSeconds: environment.METRICS_TIMEOUT,
      maxScrapes: environment.METRICS_MAX_SCRAPES,
      bufferBytes: environment.METRICS_BUFFER_BYTES,
    },
    history: {
      databaseUrl: environment.HISTORY_DATABASE_URL,
      maxSamples: environment.HISTORY_MAX_SAMPLES,
      maxPoints: environment.HISTORY_MAX_POINTS,
    },
    promql: {
      openPort: environment.PROMQL_OPEN_PORT,
      gridSeconds: environment.PROMQL_GRID,
      gaugeTimeToLiveSeconds: environment.PROMQL_GAUGE_TIME_TO_LIVE,
      counterTimeToLiveSeconds: environment.PROMQL_COUNTER_TIME_TO_LIVE,
      lookbackSeconds: environment.PROMQL_LOOKBACK,
      timeoutSeconds: environment.PROMQL_TIMEOUT,
      maxSamples: environment.PROMQL_MAX_SAMPLES,
      maxSeries: environment.PROMQL_MAX_SERIES,
      maxPoints: environment.PROMQL_MAX_POINTS,
      queriesPerToken: environment.PROMQL_QUERIES_PER_TOKEN,
      workers: environment.PROMQL_WORKERS,
      workerMemoryBytes: environment.PROMQL_WORKER_MEMORY,
      readsSums: environment.PROMQL_READ_SUMS,
    },
    otlp: {
      addsSuffixes: environment.OTLP_METRIC_SUFFIXES,
      addsScopeLabels: environment.OTLP_SCOPE_LABELS,
      promotedResourceAttributes: environment.OTLP_PROMOTE_RESOURCE_ATTRIBUTES ?? [],
    },
    unleash: {
      upstreamUrl: environment.UNLEASH_UPSTREAM_URL,
      upstreamRequests: environment.UNLEASH_UPSTREAM_REQUESTS,
      addsImpactLabels: environment.UNLEASH_IMPACT_METRICS_LABELS,
    },
    tokens: {
      failuresPerMinute: environment.TOKEN_FAILURES_PER_MINUTE,
      initial: [
        ...(environment.INIT_BACKEND_API_TOKENS ?? environment.INIT_CLIENT_API_TOKENS ?? []),
        ...(environment.INIT_FRONTEND_API_TOKENS ?? []),
        ...(environment.INIT_ADMIN_API_TOKENS ?? []),
      ],
    },
  };
}

/** Who writes the same number twice wants one port, not a second listener that can't have it. Two 0 are two ports. */
function separateMetricsPort({ PORT, METRICS_PORT }: Environment): number | undefined {
  return METRICS_PORT === PORT && PORT !== 0 ? undefined : METRICS_PORT;
}

function findWarnings(env: NodeJS.ProcessEnv, environment: Environment): readonly string[] {
  const known = declaredSettings(...ENVIRONMENT_GROUPS).map(({ name }) => name);
  const warnings = findMisspelledSettings(Object.keys(env), known).map(
    ({ name, meant }) => `${name} is not a setting and does nothing. Did you mean ${meant}?`,
  );
  if (environment.INIT_BACKEND_API_TOKENS && environment.INIT_CLIENT_API_TOKENS) {
    warnings.push('INIT_CLIENT_API_TOKENS is ignored, because INIT_BACKEND_API_TOKENS is set as well.');
  }
  if (environment.HISTORY_DATABASE_URL && !environment.DATABASE_URL) {
    warnings.push(
      'HISTORY_DATABASE_URL is set without DATABASE_URL: pushes go to the embedded Postgres, queries elsewhere.',
    );
  }
  return warnings;
}

function deepFreeze<Value extends object>(value: Value): Value {
  for (const part of Object.values(value)) {
    if (typeof part === 'object' && part !== null) deepFreeze(part);
  }
  return Object.freeze(value);
}
