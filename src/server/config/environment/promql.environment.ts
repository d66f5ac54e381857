import { Setting } from '../rules/setting.decorator.js';
import { byteSize, duration, durationOrNever, wholeNumber, yesOrNo } from '../rules/setting-rules.js';

/** Series ids are `int4`. */
const MAX_SERIES = 2_147_483_647;

/** PromQL over the history. */
export class PromqlEnvironment {
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
    group: 'promql',
    whenUnset: 'there is none',
    example: '3002',
    rule: wholeNumber(0, 65_535),
    description:
      'A further port on which `/api/v1` answers without a token, as Prometheus itself does: for Grafana on a private network, ' +
      'where a firewall keeps everybody else away. Nothing else is served there. `0` takes any free one.',
  })
  readonly PROMQL_OPEN_PORT: number | undefined;
}
