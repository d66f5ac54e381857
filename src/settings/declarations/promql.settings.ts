import { setting, settingGroup } from '../setting.js';
import { anyText, byteSize, duration, durationOrNever, wholeNumber, yesOrNo } from '../rules/setting-rules.js';

/** The largest series id, which is an `int4`. */
const MAX_SERIES = 2_147_483_647;

export const promql = settingGroup({
  title: 'PromQL',
  settings: {
    gridSeconds: setting({
      env: 'PROMQL_GRID',
      default: '15s',
      rule: duration('1s', '1h'),
      description:
        'In the held view a range such as `[5m]` sees the value of a pushed series this often, as if it had been scraped. ' +
        'A wider grid is faster, and a narrower one is more exact.',
    }),
    gaugeTimeToLiveSeconds: setting({
      env: 'PROMQL_GAUGE_TIME_TO_LIVE',
      default: '24h',
      rule: durationOrNever(),
      description:
        'How long a gauge holds its value after a push in the held view. With `never` it holds the value until its next push.',
    }),
    counterTimeToLiveSeconds: setting({
      env: 'PROMQL_COUNTER_TIME_TO_LIVE',
      default: 'never',
      rule: durationOrNever(),
      description:
        'How long a counter holds its value after a push in the held view. A counter that ends and comes back looks as if it had not grown meanwhile.',
    }),
    lookbackSeconds: setting({
      env: 'PROMQL_LOOKBACK',
      default: '5m',
      rule: duration('1s', '7d'),
      description:
        'How old a sample may be in the raw and the delta view to count as the value of a series, like `--query.lookback-delta` of ' +
        'Prometheus. The held view does not use it.',
    }),
    timeoutSeconds: setting({
      env: 'PROMQL_TIMEOUT',
      default: '1m',
      rule: duration('1s', '1h'),
      description:
        'How long a query may take from its arrival to the last byte of its response. A request can set a shorter `timeout`.',
    }),
    maxSamples: setting({
      env: 'PROMQL_MAX_SAMPLES',
      default: '5000000',
      rule: wholeNumber(1, 1_000_000_000),
      description:
        'Maximum number of samples that one query may hold at a time. Beyond it the query is answered 422. Each sample takes at least ' +
        '16 bytes of memory. An aggregation such as `sum by (job) (rate(…))` reads more samples than that in slices of its series.',
    }),
    maxSeries: setting({
      env: 'PROMQL_MAX_SERIES',
      default: '50000',
      rule: wholeNumber(1, MAX_SERIES),
      description:
        'Maximum number of series that one query may hold at a time, and that its result may have. Beyond it the query is answered 422. ' +
        'An aggregation such as `count by (__name__) (…)` reads more series than that in slices.',
    }),
    maxPoints: setting({
      env: 'PROMQL_MAX_POINTS',
      default: '11000',
      rule: wholeNumber(1, 1_000_000),
      description: 'Maximum number of steps of one range query. The default is that of Prometheus.',
    }),
    maxReadQueries: setting({
      env: 'PROMQL_MAX_READ_QUERIES',
      default: '100',
      rule: wholeNumber(1, 10_000),
      description:
        'Maximum number of queries in one `remote_read` request. Prometheus sends one for each selector of an expression.',
    }),
    queriesPerToken: setting({
      env: 'PROMQL_QUERIES_PER_TOKEN',
      default: '20',
      rule: wholeNumber(1, 10_000),
      description:
        'Maximum number of queries of one token that may run or wait. Beyond it queries are answered 429 with `Retry-After`.',
    }),
    workers: setting({
      env: 'PROMQL_WORKERS',
      default: '2',
      rule: wholeNumber(1, 64),
      description:
        'Number of worker threads, each of which evaluates one query at a time. A busy worker uses one core and one connection to ' +
        'Postgres.',
    }),
    workerMemoryBytes: setting({
      env: 'PROMQL_WORKER_MEMORY',
      default: '512MiB',
      rule: byteSize(32 * 1024 ** 2, 64 * 1024 ** 3),
      description:
        'Maximum heap of one worker. A query that needs more is ended with 422. The memory of samples is not part of it.',
    }),
    selectorMemoryBytes: setting({
      env: 'PROMQL_SELECTOR_MEMORY',
      default: '4MiB',
      rule: byteSize(0, 1024 ** 3),
      description:
        'Maximum memory in which each process remembers which series a selector matches, so that a dashboard does not search them ' +
        'at each refresh. With too little, small queries over metrics with many series take longer.',
    }),
    expressionMemoryBytes: setting({
      env: 'PROMQL_EXPRESSION_MEMORY',
      default: '4MiB',
      rule: byteSize(0, 1024 ** 3),
      description:
        'Maximum memory in which each process remembers parsed queries, so that those of a dashboard are not parsed at each refresh. ' +
        'An estimated 100 bytes are counted for each character of a query.',
    }),
    workerFile: setting({
      whenUnset: 'the file next to the code of the module',
      rule: anyText('the absolute path of a file, or its URL (`file://…`)'),
      description:
        'The program of the worker threads, for an app whose bundler has moved the code: the file that the bundler made of ' +
        '`nestjs-custom-metrics/evaluation-worker`.',
    }),
    readSums: setting({
      env: 'PROMQL_READ_SUMS',
      default: 'true',
      rule: yesOrNo(),
      description:
        'Whether a query that needs a counter only at certain times (such as `increase(x[1d])` by day) reads stored sums instead of ' +
        'the samples between. The results are the same; `false` serves to compare them.',
    }),
    openPort: setting({
      env: 'PROMQL_OPEN_PORT',
      serverOnly: true,
      whenUnset: 'no such port',
      example: '3002',
      rule: wholeNumber(0, 65_535),
      description:
        'An additional port that serves `/api/v1` without a token, as Prometheus does. It is meant for Grafana on a private network ' +
        'that a firewall protects. Nothing else is served on this port. `0` takes any free port.',
    }),
  },
});
