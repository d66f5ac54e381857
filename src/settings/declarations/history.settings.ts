import { setting, settingGroup } from '../setting.js';
import { postgresUrl, wholeNumber } from '../rules/setting-rules.js';

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
        'not see the sample. While it is unavailable, history queries are answered 503 and everything else continues. It gets up to ' +
        '`DATABASE_POOL_SIZE` connections of its own.',
    }),
    maxSamples: setting({
      env: 'HISTORY_MAX_SAMPLES',
      default: '5000000',
      rule: wholeNumber(1, 1_000_000_000),
      description:
        'Maximum number of samples that one history request may read from the store. Beyond it the request is refused.',
    }),
    maxPoints: setting({
      env: 'HISTORY_MAX_POINTS',
      default: '11000',
      rule: wholeNumber(1, 1_000_000),
      description:
        'Maximum number of points of one series in the response to a range query. The default is that of Prometheus.',
    }),
  },
});
