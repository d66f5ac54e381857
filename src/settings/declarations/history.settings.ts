import { setting, settingGroup } from '../setting.js';
import { byteSize, postgresUrl, wholeNumber } from '../rules/setting-rules.js';

/** Settings of history queries. */
export const history = settingGroup({
  title: 'History',
  settings: {
    databaseUrl: setting({
      env: 'HISTORY_DATABASE_URL',
      serverOnly: true,
      whenUnset: 'the same as `DATABASE_URL`',
      example: 'postgres://metrics:change-me@replica:5432/metrics',
      rule: postgresUrl(),
      description:
        'A streaming replica of the database from which history queries read samples. It lags, so a query right after a 202 may ' +
        'not see the sample. While it is unavailable, or is not a standby of this database, history queries are answered 503 and ' +
        'everything else continues. It gets up to `DATABASE_POOL_SIZE` connections of its own.',
    }),
    requestsAtOnce: setting({
      env: 'HISTORY_REQUESTS_AT_ONCE',
      default: '32',
      // A page of `/api/admin/custom-metrics` counts as eight requests. With a lower limit, that route would always answer 503.
      rule: wholeNumber(8, 10_000),
      description:
        'Maximum number of history requests that are being answered, each until its client has received the whole response. Beyond ' +
        'it a request is answered 503 with `Retry-After`. One token gets at most three quarters of them, and beyond that 429. A page ' +
        'of `/api/admin/custom-metrics` counts as eight.',
    }),
    readsAtOnce: setting({
      env: 'HISTORY_READS_AT_ONCE',
      default: '2',
      rule: wholeNumber(1, 1_000),
      description:
        'Maximum number of reads for history that run at the same time. Each uses one connection and keeps a core of Postgres ' +
        'busy, so raise it where Postgres has more cores, but keep it below `DATABASE_POOL_SIZE`. Further reads wait for their turn.',
    }),
    maxSamples: setting({
      env: 'HISTORY_MAX_SAMPLES',
      default: '5000000',
      rule: wholeNumber(1, 1_000_000_000),
      description:
        'Maximum number of samples that one history request may read from the store. Beyond it the request is refused.',
    }),
    inProcessAnswerBytes: setting({
      whenUnset: '16777216',
      computed: () => 16 * 1024 ** 2,
      rule: byteSize(64 * 1024, 256 * 1024 ** 2),
      description:
        'Maximum size of an answer of `CustomMetricsHistory`, as bytes of JSON. Larger ones are refused, because reading them blocks the event loop.',
    }),
    maxPoints: setting({
      env: 'HISTORY_MAX_POINTS',
      default: '11000',
      rule: wholeNumber(1, 1_000_000),
      description:
        'Maximum number of points of one series in the response to a range query. The default is that of Prometheus.',
    }),
    maxAnswerPoints: setting({
      env: 'HISTORY_MAX_ANSWER_POINTS',
      default: '200000',
      rule: wholeNumber(1, 10_000_000),
      description:
        'Maximum number of points of all lines in the response to a range query. Beyond it the request is refused. 200,000 points are about 10 MB.',
    }),
    maxGroups: setting({
      env: 'HISTORY_MAX_GROUPS',
      default: '20000',
      rule: wholeNumber(1, 1_000_000),
      description:
        'Maximum number of groups of a range query, before `lines=` chooses among them. Beyond it the request is refused.',
    }),
    maxPercentileValues: setting({
      env: 'HISTORY_MAX_PERCENTILE_VALUES',
      default: '10000000',
      rule: wholeNumber(1, 1_000_000_000),
      description:
        'Maximum number of values that the percentiles of concurrent requests keep together, at 12 bytes each. Beyond it a request is answered ' +
        '503 with `Retry-After`. A single request may keep `HISTORY_MAX_SAMPLES`.',
    }),
    liveStreams: setting({
      env: 'HISTORY_LIVE_STREAMS',
      default: '20',
      rule: wholeNumber(1, 1_000),
      description:
        'Maximum number of open streams of `/api/history/live`. Further requests are answered 503 with `Retry-After`. One token can use ' +
        'at most three quarters of the streams; its further requests are answered 429.',
    }),
    liveMetrics: setting({
      env: 'HISTORY_LIVE_METRICS',
      default: '500',
      rule: wholeNumber(1, 10_000),
      description:
        'Maximum number of metrics that one event of `/api/history/live` lists. If more have received samples, the event is marked as truncated.',
    }),
    maxLabelColumns: setting({
      env: 'HISTORY_MAX_LABEL_COLUMNS',
      default: '1000',
      rule: wholeNumber(1, 16_384),
      description: 'Maximum number of label columns of a CSV. Each takes a separator in every row.',
    }),
  },
});
