import { setting, settingGroup } from '../setting.js';
import { ownHeapShares } from '../heap-shares.js';
import { byteSize, oneOf, wholeNumber } from '../rules/setting-rules.js';

/** Maximum length of a metric name. Names have a unique index, and Postgres refuses index entries of more than 2,704 bytes. */
const MAX_NAME_LENGTH = 2000;

/** The largest series id, which is an `int4`. */
const MAX_SERIES = 2_147_483_647;

const MIN_MEMORY_BYTES = 1024 ** 2;

/** One tebibyte is more than any heap has. */
const MAX_MEMORY_BYTES = 1024 ** 4;

/** Settings for the names of metrics and labels, and limits for series. */
export const series = settingGroup({
  title: 'Metrics and series',
  settings: {
    nameValidation: setting({
      env: 'NAME_VALIDATION',
      default: 'legacy',
      rule: oneOf('legacy', 'utf8'),
      description:
        'Which names metrics and labels may have. With `legacy`, every character except letters, digits, `_` and `:` becomes `_`, ' +
        'as in Unleash. With `utf8`, a name may be any text, as in Prometheus 3, and stays as it is: see ' +
        '[names.md](names.md).',
    }),
    maxLabels: setting({
      env: 'SERIES_MAX_LABELS',
      default: '32',
      rule: wholeNumber(1, 1000),
      description: 'Maximum number of labels of one series.',
    }),
    metricNameMaxLength: setting({
      env: 'METRIC_NAME_MAX_LENGTH',
      default: '200',
      rule: wholeNumber(1, MAX_NAME_LENGTH),
      description: 'Maximum number of bytes in the name of a metric or of a label.',
    }),
    labelValueMaxLength: setting({
      env: 'LABEL_VALUE_MAX_LENGTH',
      default: '1000',
      rule: wholeNumber(1, 100_000),
      description: 'Maximum number of characters in the value of a label.',
    }),
    histogramMaxBuckets: setting({
      env: 'HISTOGRAM_MAX_BUCKETS',
      default: '500',
      rule: wholeNumber(1, 10_000),
      description:
        'Maximum number of buckets of a histogram, and of quantiles of an OTLP summary. Each becomes a series with all labels.',
    }),
    perTokenLimit: setting({
      env: 'SERIES_PER_TOKEN_LIMIT',
      default: '100000',
      rule: wholeNumber(1, MAX_SERIES),
      description: 'Maximum number of series that one token may create.',
    }),
    perMetricLimit: setting({
      env: 'SERIES_PER_METRIC_LIMIT',
      default: '10000',
      rule: wholeNumber(1, MAX_SERIES),
      description:
        'Maximum number of series of one metric. It stops a label with user ids, for example, before it fills the memory.',
    }),
    limit: setting({
      env: 'SERIES_LIMIT',
      default: '1000000',
      rule: wholeNumber(1, MAX_SERIES),
      description: 'Maximum number of series in total. Usually `SERIES_MEMORY_LIMIT` is reached first.',
    }),
    memoryLimitBytes: setting({
      env: 'SERIES_MEMORY_LIMIT',
      whenUnset: 'two fifths of the heap beyond 80 MiB (`--max-old-space-size`), and at least 8 MiB',
      computed: () => ownHeapShares().seriesBytes,
      example: '512MiB',
      rule: byteSize(MIN_MEMORY_BYTES, MAX_MEMORY_BYTES),
      description:
        'Maximum memory of all series in each process. Beyond it new series are refused. A series takes 400 bytes plus the text of ' +
        'its labels, with one byte for each character, or two if any character is outside Latin-1.',
    }),
    memoryPerTokenLimitBytes: setting({
      env: 'SERIES_MEMORY_PER_TOKEN_LIMIT',
      whenUnset: 'half of `SERIES_MEMORY_LIMIT`',
      // With half of the limit, one token can't use up all the memory, but two tokens can.
      computed: ({ memoryLimitBytes }) => Math.floor(Number(memoryLimitBytes) / 2),
      example: '64MiB',
      rule: byteSize(MIN_MEMORY_BYTES / 2, MAX_MEMORY_BYTES),
      description: 'Maximum memory of the series that one token has created. Beyond it its new series are refused.',
    }),
  },
});
