import { setting, settingGroup } from '../setting.js';
import { byteSize, duration, durationOrNever, wholeNumber, yesOrNo } from '../rules/setting-rules.js';

/** Series ids are `int4`. */
const MAX_SERIES = 2_147_483_647;

/** PromQL over the history. */
export const promql = settingGroup({
  title: 'PromQL',
  settings: {
    gridSeconds: setting({
      env: 'PROMQL_GRID',
      default: '15s',
      rule: duration('1s', '1h'),
      description:
        'In the held view a range such as `[5m]` sees the value of a pushed series this often, as if it had been scraped. ' +
        'Wider is faster, narrower is more exact.',
    }),
    gaugeTimeToLiveSeconds: setting({
      env: 'PROMQL_GAUGE_TIME_TO_LIVE',
      default: '24h',
      rule: durationOrNever(),
      description:
        'How long a gauge holds its value after a push in the held view; `never` ends it with the next push only.',
    }),
    counterTimeToLiveSeconds: setting({
      env: 'PROMQL_COUNTER_TIME_TO_LIVE',
      default: 'never',
      rule: durationOrNever(),
      description: 'The same for counters. A counter that ends and comes back looks as if it had not grown meanwhile.',
    }),
    lookbackSeconds: setting({
      env: 'PROMQL_LOOKBACK',
      default: '5m',
      rule: duration('1s', '7d'),
      description:
        'How old a sample may be in the raw and the delta view to be the value of a series, as `--query.lookback-delta` of ' +
        'Prometheus. The held view does not need it.',
    }),
    timeoutSeconds: setting({
      env: 'PROMQL_TIMEOUT',
      default: '1m',
      rule: duration('1s', '1h'),
      description:
        'How long a query may take from its arrival to the last byte of its answer; a request can ask for less with `timeout`.',
    }),
    maxSamples: setting({
      env: 'PROMQL_MAX_SAMPLES',
      default: '5000000',
      rule: wholeNumber(1, 1_000_000_000),
      description:
        'Most samples that one query may read, or make on its way; beyond it 422. Each takes 16 bytes of memory and more.',
    }),
    maxSeries: setting({
      env: 'PROMQL_MAX_SERIES',
      default: '50000',
      rule: wholeNumber(1, MAX_SERIES),
      description: 'Most series that one query may touch; beyond it 422.',
    }),
    maxPoints: setting({
      env: 'PROMQL_MAX_POINTS',
      default: '11000',
      rule: wholeNumber(1, 1_000_000),
      description: 'Most steps of one range query. The default is that of Prometheus.',
    }),
    queriesPerToken: setting({
      env: 'PROMQL_QUERIES_PER_TOKEN',
      default: '20',
      rule: wholeNumber(1, 10_000),
      description: 'Most queries of one token that may run or wait for their turn; beyond it 429 with `Retry-After`.',
    }),
    workers: setting({
      env: 'PROMQL_WORKERS',
      default: '2',
      rule: wholeNumber(1, 64),
      description:
        'Worker threads that evaluate queries, which is how many run at once. Each uses one core and one connection to ' +
        'Postgres while it is busy.',
    }),
    workerMemoryBytes: setting({
      env: 'PROMQL_WORKER_MEMORY',
      default: '512MiB',
      rule: byteSize(32 * 1024 ** 2, 64 * 1024 ** 3),
      description: 'Largest heap of one worker; a query that needs more is ended with 422. Samples come on top of it.',
    }),
    readSums: setting({
      env: 'PROMQL_READ_SUMS',
      default: 'true',
      rule: yesOrNo(),
      description:
        'Whether a query that needs a counter at some times only (`increase(x[1d])` by day) reads stored sums instead of the ' +
        'samples between. The answers are the same; `false` is for comparing.',
    }),
    openPort: setting({
      env: 'PROMQL_OPEN_PORT',
      serverOnly: true,
      whenUnset: 'there is none',
      example: '3002',
      rule: wholeNumber(0, 65_535),
      description:
        'A further port on which `/api/v1` answers without a token, as Prometheus itself does: for Grafana on a private network, ' +
        'where a firewall keeps everybody else away. Nothing else is served there. `0` takes any free one.',
    }),
  },
});
