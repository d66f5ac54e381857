import { settingsOf } from '../../settings/setting.js';
import { SETTING_GROUPS } from '../../settings/setting-groups.js';
import { initialTokensOf, loadSettings } from './settings.js';

// A new setting needs no line here: docs/settings.md, which contains its default, is compared with its declaration.
describe('loadSettings', () => {
  it('needs no variable', () => {
    expect(loadSettings({})).toMatchObject({
      http: {
        host: '0.0.0.0',
        port: 3000,
        shutdownTimeoutMs: 10_000,
        bodiesMaxBytes: 67_108_864,
        requestTimeoutSeconds: 30,
        maxConnections: undefined,
        maxPipelinedRequests: 100,
      },
      database: { url: undefined, poolSize: 10, startWaitSeconds: 30, dataDir: './data', migrateOnStart: true },
      logging: { level: 'info', format: undefined },
      ingest: {
        counterTemporality: 'delta',
        rateLimitPerMinute: 6000,
        maxBodyBytes: 5_242_880,
        maxSamples: 10_000,
        cacheMemoryBytes: expect.any(Number),
        idempotencyRetentionSeconds: 86_400,
        pushgatewayPaths: true,
      },
      series: {
        maxLabels: 32,
        nameValidation: 'legacy',
        metricNameMaxLength: 200,
        labelValueMaxLength: 1000,
        perTokenLimit: 100_000,
        perMetricLimit: 10_000,
        limit: 1_000_000,
        memoryLimitBytes: expect.any(Number),
        memoryPerTokenLimitBytes: expect.any(Number),
      },
      store: { waitMs: 5000, queueSamples: 2_000_000, retentionDays: 90, retentionConfirmedBefore: 0 },
      archive: {
        compactionHorizonSeconds: 120,
        compactionIntervalSeconds: 30,
        chunkPeriodSeconds: 21_600,
        slowSeriesPeriodSeconds: 86_400,
      },
      exposition: {
        auth: 'none',
        port: undefined,
        gaugeIdleHideSeconds: 86_400,
        timeoutSeconds: 60,
        maxScrapes: 1_000,
        bufferBytes: 67_108_864,
      },
      history: { databaseUrl: undefined, requestsAtOnce: 32, readsAtOnce: 2, maxSamples: 5_000_000, maxPoints: 11_000 },
      promql: {
        openPort: undefined,
        gridSeconds: 15,
        gaugeTimeToLiveSeconds: 86_400,
        counterTimeToLiveSeconds: 0,
        lookbackSeconds: 300,
        timeoutSeconds: 60,
        maxSamples: 5_000_000,
        maxSeries: 50_000,
        maxPoints: 11_000,
        queriesPerToken: 20,
        workers: 2,
        workerMemoryBytes: 536_870_912,
        selectorMemoryBytes: 4_194_304,
        expressionMemoryBytes: 4_194_304,
        readSums: true,
      },
      otlp: { metricSuffixes: true, scopeLabels: false, promoteResourceAttributes: [] },
      unleash: { upstreamUrl: undefined, upstreamRequests: 5_000, impactMetricsLabels: true },
      tokens: { failuresPerMinute: 60 },
      warnings: [],
    });
  });

  it('puts every variable in its place', () => {
    const settings = loadSettings({
      PORT: '8080',
      HOST: '::1',
      SHUTDOWN_TIMEOUT_MS: '1',
      TOKEN_FAILURES_PER_MINUTE: '7',
      HTTP_BODIES_MAX_BYTES: '1MiB',
      HTTP_REQUEST_TIMEOUT: '5s',
      HTTP_MAX_CONNECTIONS: '100',
      DATABASE_URL: 'postgresql://metrics:p%40ss@db:5432/metrics?sslmode=require',
      DATABASE_POOL_SIZE: '2',
      DATABASE_START_WAIT_SECONDS: '5',
      DATA_DIR: '/var/lib/custom metrics',
      MIGRATE_ON_START: 'no',
      LOG_LEVEL: 'debug',
      LOG_FORMAT: 'json',
      COUNTER_TEMPORALITY: 'cumulative',
      INGEST_RATE_LIMIT_PER_MINUTE: '0',
      INGEST_MAX_BODY_BYTES: '512KiB',
      INGEST_MAX_SAMPLES: '3',
      INGEST_CACHE_MEMORY: '64MiB',
      IDEMPOTENCY_RETENTION: '60s',
      PUSHGATEWAY_PATHS: 'false',
      SERIES_MAX_LABELS: '4',
      METRIC_NAME_MAX_LENGTH: '5',
      LABEL_VALUE_MAX_LENGTH: '6',
      SERIES_PER_TOKEN_LIMIT: '7',
      SERIES_PER_METRIC_LIMIT: '8',
      SERIES_LIMIT: '9',
      SERIES_MEMORY_LIMIT: '128MiB',
      SERIES_MEMORY_PER_TOKEN_LIMIT: '32MiB',
      STORE_WAIT_MS: '10',
      STORE_QUEUE_SAMPLES: '11',
      RETENTION_DAYS: '12',
      RETENTION_CONFIRMED_BEFORE: '2026-08-01',
      COMPACTION_HORIZON_SECONDS: '13',
      COMPACTION_INTERVAL_SECONDS: '14',
      CHUNK_PERIOD: '15m',
      SLOW_SERIES_PERIOD: '12h',
      METRICS_AUTH: 'token',
      METRICS_PORT: '9100',
      GAUGE_IDLE_HIDE: 'never',
      METRICS_TIMEOUT: '15s',
      METRICS_MAX_SCRAPES: '5',
      METRICS_BUFFER_BYTES: '4MiB',
      HISTORY_DATABASE_URL: 'postgres://metrics:p%40ss@replica/metrics',
      HISTORY_REQUESTS_AT_ONCE: '15',
      HISTORY_READS_AT_ONCE: '3',
      HISTORY_MAX_SAMPLES: '13',
      HISTORY_MAX_POINTS: '14',
      PROMQL_OPEN_PORT: '3002',
      PROMQL_GRID: '16s',
      PROMQL_GAUGE_TIME_TO_LIVE: 'never',
      PROMQL_COUNTER_TIME_TO_LIVE: '17s',
      PROMQL_LOOKBACK: '18s',
      PROMQL_TIMEOUT: '19s',
      PROMQL_MAX_SAMPLES: '20',
      PROMQL_MAX_SERIES: '21',
      PROMQL_MAX_POINTS: '22',
      PROMQL_QUERIES_PER_TOKEN: '23',
      PROMQL_WORKERS: '24',
      PROMQL_WORKER_MEMORY: '64MiB',
      PROMQL_READ_SUMS: 'no',
      OTLP_METRIC_SUFFIXES: 'no',
      OTLP_PROMOTE_RESOURCE_ATTRIBUTES: 'host.name, deployment.environment.name',
      OTLP_SCOPE_LABELS: 'yes',
      UNLEASH_UPSTREAM_URL: 'https://unleash.example.com/api',
      UNLEASH_UPSTREAM_REQUESTS: '70',
      UNLEASH_IMPACT_METRICS_LABELS: 'false',
      INIT_BACKEND_API_TOKENS: 'default:development.abc',
      INIT_FRONTEND_API_TOKENS: 'default:development.ghi',
      INIT_ADMIN_API_TOKENS: '*:*.def',
    });
    expect(settings).toMatchObject({
      http: {
        host: '::1',
        port: 8080,
        shutdownTimeoutMs: 1,
        bodiesMaxBytes: 1_048_576,
        requestTimeoutSeconds: 5,
        maxConnections: 100,
      },
      database: {
        url: 'postgresql://metrics:p%40ss@db:5432/metrics?sslmode=require',
        poolSize: 2,
        startWaitSeconds: 5,
        dataDir: '/var/lib/custom metrics',
        migrateOnStart: false,
      },
      logging: { level: 'debug', format: 'json' },
      ingest: {
        counterTemporality: 'cumulative',
        rateLimitPerMinute: 0,
        maxBodyBytes: 524_288,
        maxSamples: 3,
        cacheMemoryBytes: 67_108_864,
        idempotencyRetentionSeconds: 60,
        pushgatewayPaths: false,
      },
      series: {
        maxLabels: 4,
        metricNameMaxLength: 5,
        labelValueMaxLength: 6,
        perTokenLimit: 7,
        perMetricLimit: 8,
        limit: 9,
        memoryLimitBytes: 134_217_728,
        memoryPerTokenLimitBytes: 33_554_432,
      },
      store: { waitMs: 10, queueSamples: 11, retentionDays: 12, retentionConfirmedBefore: Date.UTC(2026, 7, 1) },
      archive: {
        compactionHorizonSeconds: 13,
        compactionIntervalSeconds: 14,
        chunkPeriodSeconds: 900,
        slowSeriesPeriodSeconds: 43_200,
      },
      exposition: {
        auth: 'token',
        port: 9100,
        gaugeIdleHideSeconds: 0,
        timeoutSeconds: 15,
        maxScrapes: 5,
        bufferBytes: 4_194_304,
      },
      history: {
        databaseUrl: 'postgres://metrics:p%40ss@replica/metrics',
        requestsAtOnce: 15,
        readsAtOnce: 3,
        maxSamples: 13,
        maxPoints: 14,
      },
      promql: {
        openPort: 3002,
        gridSeconds: 16,
        gaugeTimeToLiveSeconds: 0,
        counterTimeToLiveSeconds: 17,
        lookbackSeconds: 18,
        timeoutSeconds: 19,
        maxSamples: 20,
        maxSeries: 21,
        maxPoints: 22,
        queriesPerToken: 23,
        workers: 24,
        workerMemoryBytes: 67_108_864,
        readSums: false,
      },
      otlp: {
        metricSuffixes: false,
        scopeLabels: true,
        promoteResourceAttributes: ['host.name', 'deployment.environment.name'],
      },
      unleash: { upstreamUrl: 'https://unleash.example.com/api', upstreamRequests: 70, impactMetricsLabels: false },
      tokens: {
        failuresPerMinute: 7,
        initBackendApiTokens: [{ secret: 'default:development.abc', kind: 'backend' }],
        initFrontendApiTokens: [{ secret: 'default:development.ghi', kind: 'frontend' }],
        initAdminApiTokens: [{ secret: '*:*.def', kind: 'admin' }],
      },
      warnings: [],
    });
    expect(initialTokensOf(settings)).toEqual([
      { secret: 'default:development.abc', kind: 'backend' },
      { secret: 'default:development.ghi', kind: 'frontend' },
      { secret: '*:*.def', kind: 'admin' },
    ]);
  });

  it('freezes the settings at every level', () => {
    const settings = loadSettings({ INIT_ADMIN_API_TOKENS: '*:*.abc' });
    for (const part of [settings, ...Object.values(settings), initialTokensOf(settings)[0]]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
    expect(Object.isFrozen(settings.tokens.initAdminApiTokens)).toBe(true);
  });

  it('leaves the environment as it was', () => {
    const env = Object.freeze({ PORT: ' 8080 ', SERIES_LIMIT: '' });
    expect(loadSettings(env).http.port).toBe(8080);
    expect(env).toEqual({ PORT: ' 8080 ', SERIES_LIMIT: '' });
  });

  it.each(['', ' ', '\r'])('treats %j as not set', (empty) => {
    const env = Object.fromEntries(settingsOf(SETTING_GROUPS).map(({ declaration }) => [declaration.env, empty]));
    expect(loadSettings(env)).toEqual(loadSettings({}));
  });

  it.each([
    ['true', true],
    ['1', true],
    ['Yes', true],
    ['FALSE', false],
    ['0', false],
    ['no', false],
  ])('reads the switch %s', (text, isOn) => {
    expect(loadSettings({ MIGRATE_ON_START: text }).database.migrateOnStart).toBe(isOn);
  });

  it('serves metrics on the same port if both numbers are equal, but on another one if both are 0', () => {
    expect(loadSettings({ PORT: '8080', METRICS_PORT: '8080' }).exposition.port).toBeUndefined();
    expect(loadSettings({ METRICS_PORT: '3000' }).exposition.port).toBeUndefined();
    expect(loadSettings({ PORT: '0', METRICS_PORT: '0' }).exposition.port).toBe(0);
  });

  it('gives one token half of the memory for series', () => {
    expect(loadSettings({ SERIES_MEMORY_LIMIT: '1MiB' }).series.memoryPerTokenLimitBytes).toBe(524_288);
  });
});
