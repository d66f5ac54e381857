import { setting, settingGroup } from '../setting.js';
import { byteSize, duration, durationOrNever, oneOf, wholeNumber } from '../rules/setting-rules.js';

/** Settings of the exposition that Prometheus scrapes. */
export const exposition = settingGroup({
  title: 'Exposition to Prometheus',
  prefix: 'METRICS',
  settings: {
    auth: setting({
      env: 'METRICS_AUTH',
      default: 'none',
      rule: oneOf('none', 'token'),
      description:
        'Who may read `/metrics`: everybody (`none`), or only clients with a token that has the scope `scrape` (`token`).',
    }),
    port: setting({
      env: 'METRICS_PORT',
      serverOnly: true,
      whenUnset: 'the same as `PORT`',
      example: '9100',
      rule: wholeNumber(0, 65_535),
      description: 'A separate port for `/metrics`, so that a firewall can keep it internal. `0` takes any free one.',
    }),
    gaugeIdleHideSeconds: setting({
      env: 'GAUGE_IDLE_HIDE',
      aliases: ['SERIES_IDLE_HIDE'],
      default: '24h',
      rule: durationOrNever(),
      description:
        'How long a gauge stays on `/metrics` after its last push. Its history remains, and a new push brings it ' +
        'back. Counters always stay, and so do gauges that are pushed as changes.',
    }),
    maxScrapes: setting({
      env: 'METRICS_MAX_SCRAPES',
      default: '1000',
      rule: wholeNumber(1, 100_000),
      description:
        'Maximum number of concurrent scrapes. Scrapes that arrive together share one exposition. Beyond the limit, a scrape that has ' +
        'taken more than 10 s is ended; if there is none, the new one is answered 503 with `Retry-After`.',
    }),
    timeoutSeconds: setting({
      env: 'METRICS_TIMEOUT',
      default: '60s',
      rule: duration('1s', '1h'),
      description: 'How long the response to one scrape may take before its connection is closed.',
    }),
    bufferBytes: setting({
      env: 'METRICS_BUFFER_BYTES',
      default: '64MiB',
      rule: byteSize(2 * 1024 ** 2, 1024 ** 4),
      description:
        'Memory for rendered expositions that slow scrapers have not read yet. When it is used up, the slowest one is disconnected.',
    }),
  },
});
