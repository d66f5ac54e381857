import type { InitialToken } from './initial-token.js';
import { IsAtLeast, Setting } from './setting.decorator.js';
import {
  anyText,
  byteSize,
  duration,
  durationOrNever,
  hostName,
  httpUrl,
  initialTokens,
  nameList,
  oneOf,
  partOfDay,
  postgresUrl,
  wholeNumber,
  yesOrNo,
} from './setting-rules.js';

/** Node fires a timer of more than 2^31 ms at once; an hour is far from that and longer than anybody waits. */
const MAX_WAIT_MS = 3_600_000;

/** A body becomes one string before it is parsed, and V8 refuses strings of 512 MiB; half of it leaves room. */
const MAX_BODY_BYTES = 256 * 1024 ** 2;

/** Postgres refuses an index entry over 2,704 bytes, and metric names are unique by index. */
const MAX_NAME_LENGTH = 2000;

/** Series ids are `int4`. */
const MAX_SERIES = 2_147_483_647;

/**
 * The environment variables of the service: their names, defaults, rules and descriptions. `docs/settings.md` and
 * `.env.example` are generated from here (`npm run docs:generate`).
 *
 * The rest of the code never sees this class: it takes the grouped `Settings`.
 */
export class Environment {
  @Setting({
    group: 'http',
    default: '3000',
    rule: wholeNumber(0, 65_535),
    description: 'Port to listen on. `0` takes any free one and logs which.',
  })
  readonly PORT: number;

  @Setting({
    group: 'http',
    default: '0.0.0.0',
    rule: hostName(),
    description: 'Address to listen on. `127.0.0.1` serves this machine only; `::` serves IPv6 as well.',
  })
  readonly HOST: string;

  @Setting({
    group: 'http',
    default: '10000',
    rule: wholeNumber(0, MAX_WAIT_MS),
    description:
      'How many milliseconds a stopping server gives the requests under way before it closes their connections. ' +
      'Keep it below the grace period of whatever stops it (Docker: 10 s, Kubernetes: 30 s).',
  })
  readonly SHUTDOWN_TIMEOUT_MS: number;

  @Setting({
    group: 'database',
    whenUnset: 'an embedded Postgres in `DATA_DIR`',
    example: 'postgres://metrics:change-me@localhost:5432/metrics',
    rule: postgresUrl(),
    description:
      'The Postgres (14 or newer) that keeps everything. The embedded one is for trying out and for one process: ' +
      'two processes must share a real one.',
  })
  readonly DATABASE_URL: string | undefined;

  @Setting({
    group: 'database',
    default: '10',
    rule: wholeNumber(2, 100),
    description:
      'Most connections to Postgres at once. One writes the samples, so at least one more is needed to answer ' +
      'queries meanwhile. Keep the sum over all processes below the `max_connections` of Postgres.',
  })
  readonly DATABASE_POOL_SIZE: number;

  @Setting({
    group: 'database',
    default: './data',
    rule: anyText('the path of a folder, which is created if need be'),
    description: 'Folder of the embedded Postgres. Not used with `DATABASE_URL`.',
  })
  readonly DATA_DIR: string;

  @Setting({
    group: 'database',
    default: 'true',
    rule: yesOrNo(),
    description:
      'Whether the server brings the database to its own version at the start. With `false` it refuses to start on ' +
      'an older one, and `custom-metrics migrate` does it.',
  })
  readonly MIGRATE_ON_START: boolean;

  @Setting({
    group: 'logging',
    default: 'info',
    rule: oneOf('error', 'warn', 'info', 'debug'),
    description: 'The least serious messages that are still logged.',
  })
  readonly LOG_LEVEL: 'error' | 'warn' | 'info' | 'debug';

  @Setting({
    group: 'logging',
    whenUnset: '`text` on a terminal, `json` otherwise',
    example: 'json',
    rule: oneOf('json', 'text'),
    description: 'One JSON object a line for log collectors, or text for people.',
  })
  readonly LOG_FORMAT: 'json' | 'text' | undefined;

  @Setting({
    group: 'ingest',
    default: 'delta',
    rule: oneOf('delta', 'cumulative'),
    description:
      'What the value of a counter says if neither the sample, its metric nor the token does: `delta` is added to ' +
      'the total, `cumulative` is the running total of the sender.',
  })
  readonly COUNTER_TEMPORALITY: 'delta' | 'cumulative';

  @Setting({
    group: 'ingest',
    default: '6000',
    rule: wholeNumber(0, 10_000_000),
    description: 'Most push requests a minute of one token; beyond it 429 with `Retry-After`. `0` sets no limit.',
  })
  readonly INGEST_RATE_LIMIT_PER_MINUTE: number;

  @Setting({
    group: 'ingest',
    default: '5242880',
    rule: byteSize(1, MAX_BODY_BYTES),
    description: 'Largest body of a push request, counted after decompression; beyond it 413.',
  })
  readonly INGEST_MAX_BODY_BYTES: number;

  @Setting({
    group: 'ingest',
    default: '10000',
    rule: wholeNumber(1, 1_000_000),
    description: 'Most samples in one push request.',
  })
  readonly INGEST_MAX_SAMPLES: number;

  @Setting({
    group: 'ingest',
    default: '24h',
    rule: duration('1m', '365d'),
    description:
      'How long an `Idempotency-Key` is remembered. A request that is sent again later than this is stored again, so ' +
      'keep it above the time for which senders retry.',
  })
  readonly IDEMPOTENCY_RETENTION: number;

  @Setting({
    group: 'ingest',
    default: 'true',
    rule: yesOrNo(),
    description:
      'Whether `PUT`, `POST` and `DELETE /metrics/job/…` take what clients of Pushgateway send. They need a token that may ' +
      'push, as the password of basic auth.',
  })
  readonly PUSHGATEWAY_PATHS: boolean;

  @Setting({
    group: 'series',
    default: '32',
    rule: wholeNumber(1, 1000),
    description: 'Most labels of one series.',
  })
  readonly SERIES_MAX_LABELS: number;

  @Setting({
    group: 'series',
    default: '200',
    rule: wholeNumber(1, MAX_NAME_LENGTH),
    description: 'Most characters in the name of a metric or of a label.',
  })
  readonly METRIC_NAME_MAX_LENGTH: number;

  @Setting({
    group: 'series',
    default: '1000',
    rule: wholeNumber(1, 100_000),
    description: 'Most characters in the value of a label.',
  })
  readonly LABEL_VALUE_MAX_LENGTH: number;

  @Setting({
    group: 'series',
    default: '100000',
    rule: wholeNumber(1, MAX_SERIES),
    description: 'Most series that one token may create.',
  })
  readonly SERIES_PER_TOKEN_LIMIT: number;

  @Setting({
    group: 'series',
    default: '10000',
    rule: wholeNumber(1, MAX_SERIES),
    description: 'Most series of one metric. It stops a label that holds a user id before it fills the memory.',
  })
  readonly SERIES_PER_METRIC_LIMIT: number;

  @Setting({
    group: 'series',
    default: '1000000',
    rule: wholeNumber(1, MAX_SERIES),
    description: 'Most series in all. Each one takes up to 1 KiB of memory in every process.',
  })
  readonly SERIES_LIMIT: number;

  @Setting({
    group: 'store',
    default: '5000',
    rule: wholeNumber(0, MAX_WAIT_MS),
    description:
      'How many milliseconds a push request is held while Postgres is away; after it 503 with `Retry-After`. ' +
      'Keep it below the timeout of the senders.',
  })
  readonly STORE_WAIT_MS: number;

  @Setting({
    group: 'store',
    default: '2000000',
    rule: wholeNumber(1, 100_000_000),
    description:
      'Most samples that may wait in memory for their commit; beyond it 503 with `Retry-After`. At least ' +
      '`INGEST_MAX_SAMPLES`.',
  })
  @IsAtLeast('INGEST_MAX_SAMPLES', 'a full request could never be accepted')
  readonly STORE_QUEUE_SAMPLES: number;

  @Setting({
    group: 'store',
    default: '90',
    rule: wholeNumber(1, 36_500),
    description: 'How many days raw samples are kept. Older ones are dropped, and pushes of older ones are refused.',
  })
  readonly RETENTION_DAYS: number;

  @Setting({
    group: 'archive',
    default: '120',
    rule: wholeNumber(1, 86_400),
    description:
      'How many seconds samples stay in the log before the fold moves them into chunks. What fits in that time is read ' +
      'without an index by series, so longer makes queries of the last minutes slower, and shorter makes chunks smaller.',
  })
  readonly FOLD_HORIZON_SECONDS: number;

  @Setting({
    group: 'archive',
    default: '30',
    rule: wholeNumber(1, 3_600),
    description: 'How many seconds pass between two looks for what is to fold, to merge or to drop.',
  })
  readonly FOLD_INTERVAL_SECONDS: number;

  @Setting({
    group: 'archive',
    default: '6h',
    rule: partOfDay(10),
    description:
      'How long the period of one chunk is. When a period is over, its small chunks are merged into one for each series.',
  })
  readonly CHUNK_PERIOD: number;

  @Setting({
    group: 'exposition',
    default: 'none',
    rule: oneOf('none', 'token'),
    description: 'Who may read `/metrics`: everybody, or only who sends a token that may read.',
  })
  readonly METRICS_AUTH: 'none' | 'token';

  @Setting({
    group: 'exposition',
    whenUnset: 'the same as `PORT`',
    example: '9100',
    rule: wholeNumber(0, 65_535),
    description: 'A port of its own for `/metrics`, so that a firewall can keep it internal. `0` takes any free one.',
  })
  readonly METRICS_PORT: number | undefined;

  @Setting({
    group: 'exposition',
    default: '24h',
    rule: durationOrNever(),
    description:
      'How long after its last push a gauge stays on `/metrics`; its history remains, and a new push brings it ' +
      'back. Counters always stay.',
  })
  readonly SERIES_IDLE_HIDE: number;

  @Setting({
    group: 'history',
    whenUnset: 'the same as `DATABASE_URL`',
    example: 'postgres://metrics:change-me@replica:5432/metrics',
    rule: postgresUrl(),
    description:
      'A streaming replica of the database, which history queries read samples from. It lags: a query right after a 202 may ' +
      'not see the sample. While it is away, queries are answered 503 and everything else goes on. It gets up to ' +
      '`DATABASE_POOL_SIZE` connections of its own.',
  })
  readonly HISTORY_DATABASE_URL: string | undefined;

  @Setting({
    group: 'history',
    default: '5000000',
    rule: wholeNumber(1, 1_000_000_000),
    description: 'Most samples that one history request may read from the store; beyond it the request is refused.',
  })
  readonly HISTORY_MAX_SAMPLES: number;

  @Setting({
    group: 'history',
    default: '11000',
    rule: wholeNumber(1, 1_000_000),
    description: 'Most points of one series in the answer to a range query. The default is that of Prometheus.',
  })
  readonly HISTORY_MAX_POINTS: number;

  @Setting({
    group: 'promql',
    default: '15s',
    rule: duration('1s', '1h'),
    description:
      'In the held view a range such as `[5m]` sees the value of a pushed series this often, as if it had been scraped. ' +
      'Wider is faster, narrower is more exact.',
  })
  readonly PROMQL_GRID: number;

  @Setting({
    group: 'promql',
    default: '24h',
    rule: durationOrNever(),
    description:
      'How long a gauge holds its value after a push in the held view; `never` ends it with the next push only.',
  })
  readonly PROMQL_GAUGE_TIME_TO_LIVE: number;

  @Setting({
    group: 'promql',
    default: 'never',
    rule: durationOrNever(),
    description: 'The same for counters. A counter that ends and comes back looks as if it had not grown meanwhile.',
  })
  readonly PROMQL_COUNTER_TIME_TO_LIVE: number;

  @Setting({
    group: 'promql',
    default: '5m',
    rule: duration('1s', '7d'),
    description:
      'How old a sample may be in the raw and the delta view to be the value of a series, as `--query.lookback-delta` of ' +
      'Prometheus. The held view does not need it.',
  })
  readonly PROMQL_LOOKBACK: number;

  @Setting({
    group: 'promql',
    default: '1m',
    rule: duration('1s', '1h'),
    description:
      'How long a query may take from its arrival to the last byte of its answer; a request can ask for less with `timeout`.',
  })
  readonly PROMQL_TIMEOUT: number;

  @Setting({
    group: 'promql',
    default: '5000000',
    rule: wholeNumber(1, 1_000_000_000),
    description:
      'Most samples that one query may read, or make on its way; beyond it 422. Each takes 16 bytes of memory and more.',
  })
  readonly PROMQL_MAX_SAMPLES: number;

  @Setting({
    group: 'promql',
    default: '50000',
    rule: wholeNumber(1, MAX_SERIES),
    description: 'Most series that one query may touch; beyond it 422.',
  })
  readonly PROMQL_MAX_SERIES: number;

  @Setting({
    group: 'promql',
    default: '11000',
    rule: wholeNumber(1, 1_000_000),
    description: 'Most steps of one range query. The default is that of Prometheus.',
  })
  readonly PROMQL_MAX_POINTS: number;

  @Setting({
    group: 'promql',
    default: '20',
    rule: wholeNumber(1, 10_000),
    description: 'Most queries of one token that may run or wait for their turn; beyond it 429 with `Retry-After`.',
  })
  readonly PROMQL_QUERIES_PER_TOKEN: number;

  @Setting({
    group: 'promql',
    default: '2',
    rule: wholeNumber(1, 64),
    description:
      'Worker threads that evaluate queries, which is how many run at once. Each uses one core and one connection to ' +
      'Postgres while it is busy.',
  })
  readonly PROMQL_WORKERS: number;

  @Setting({
    group: 'promql',
    default: '512MiB',
    rule: byteSize(32 * 1024 ** 2, 64 * 1024 ** 3),
    description: 'Largest heap of one worker; a query that needs more is ended with 422. Samples come on top of it.',
  })
  readonly PROMQL_WORKER_MEMORY: number;

  @Setting({
    group: 'promql',
    default: 'true',
    rule: yesOrNo(),
    description:
      'Whether a query that needs a counter at some times only (`increase(x[1d])` by day) reads stored sums instead of the ' +
      'samples between. The answers are the same; `false` is for comparing.',
  })
  readonly PROMQL_READ_SUMS: boolean;

  @Setting({
    group: 'otlp',
    default: 'true',
    rule: yesOrNo(),
    description:
      'Whether names of OpenTelemetry metrics get their unit, `_total` and `_ratio` at the end, as Prometheus does it: ' +
      '`http.server.duration` in `s` becomes `http_server_duration_seconds`.',
  })
  readonly OTLP_METRIC_SUFFIXES: boolean;

  @Setting({
    group: 'otlp',
    whenUnset: 'none; all are on `target_info`',
    example: 'deployment.environment.name,k8s.namespace.name',
    rule: nameList(),
    description:
      'Resource attributes of OpenTelemetry that become labels of every series, by their names there. Each new value of one ' +
      'makes every series of the sender anew.',
  })
  readonly OTLP_PROMOTE_RESOURCE_ATTRIBUTES: readonly string[] | undefined;

  @Setting({
    group: 'otlp',
    default: 'false',
    rule: yesOrNo(),
    description:
      'Whether series get the labels `otel_scope_name`, `otel_scope_version` and what else the instrumentation scope says of ' +
      'itself. Needed where two libraries in one process use the same metric names.',
  })
  readonly OTLP_SCOPE_LABELS: boolean;

  @Setting({
    group: 'unleash',
    whenUnset: 'SDKs get an empty list of flags',
    example: 'https://unleash.example.com/api',
    rule: httpUrl(),
    description:
      'A real Unleash, as its SDKs would be given it. It answers their requests for flags, their registration and their ' +
      'streams, so that an SDK gets its flags there and keeps its metrics here. Their token has to be known to both.',
  })
  readonly UNLEASH_UPSTREAM_URL: string | undefined;

  @Setting({
    group: 'unleash',
    default: 'true',
    rule: yesOrNo(),
    description:
      'Whether impact metrics get the labels `origin` (`sdk`; Unleash Edge itself says `edge`) and `metric_type`, as Unleash ' +
      '7.6 and newer adds them.',
  })
  readonly UNLEASH_IMPACT_METRICS_LABELS: boolean;

  @Setting({
    group: 'tokens',
    whenUnset: 'no such token',
    example: 'default:development.change-me',
    rule: initialTokens('backend'),
    description: 'Tokens that may push, created when the server starts on an empty token table and ignored later.',
  })
  readonly INIT_BACKEND_API_TOKENS: readonly InitialToken[] | undefined;

  @Setting({
    group: 'tokens',
    whenUnset: 'no such token',
    example: 'default:development.change-me',
    rule: initialTokens('backend'),
    description: 'The old name of `INIT_BACKEND_API_TOKENS`, ignored if both are set.',
  })
  readonly INIT_CLIENT_API_TOKENS: readonly InitialToken[] | undefined;

  @Setting({
    group: 'tokens',
    whenUnset: 'no such token',
    example: 'default:development.change-me-too',
    rule: initialTokens('frontend'),
    description:
      'Tokens that may push from browsers (`/api/frontend`), created when the server starts on an empty token table and ' +
      'ignored later.',
  })
  readonly INIT_FRONTEND_API_TOKENS: readonly InitialToken[] | undefined;

  @Setting({
    group: 'tokens',
    whenUnset: 'no such token',
    example: '*:*.change-me',
    rule: initialTokens('admin'),
    description: 'Tokens that may do everything, created when the server starts on an empty token table.',
  })
  readonly INIT_ADMIN_API_TOKENS: readonly InitialToken[] | undefined;
}
