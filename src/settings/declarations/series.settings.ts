import { setting, settingGroup } from '../setting.js';
import { ownHeapShares } from '../heap-shares.js';
import { byteSize, wholeNumber } from '../rules/setting-rules.js';

/** Postgres refuses an index entry over 2,704 bytes, and metric names are unique by index. */
const MAX_NAME_LENGTH = 2000;

/** Series ids are `int4`. */
const MAX_SERIES = 2_147_483_647;

const MIN_MEMORY_BYTES = 1024 ** 2;

/** One tebibyte, which is more than any heap. */
const MAX_MEMORY_BYTES = 1024 ** 4;

/** Settings of metrics and series, which are limits. */
export const series = settingGroup({
  title: 'Metrics and series',
  settings: {
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
      description: 'Maximum number of characters in the name of a metric or of a label.',
    }),
    labelValueMaxLength: setting({
      env: 'LABEL_VALUE_MAX_LENGTH',
      default: '1000',
      rule: wholeNumber(1, 100_000),
      description: 'Maximum number of characters in the value of a label.',
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
      // A single client can't use up all the memory; two can.
      computed: ({ memoryLimitBytes }) => Math.floor(Number(memoryLimitBytes) / 2),
      example: '64MiB',
      rule: byteSize(MIN_MEMORY_BYTES / 2, MAX_MEMORY_BYTES),
      description: 'Maximum memory of the series that one token has created. Beyond it its new series are refused.',
    }),
  },
});
