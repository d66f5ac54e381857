import { setting, settingGroup } from '../../setting.js';
import { wholeNumber } from '../../rules/setting-rules.js';

/** Settings of metrics that the app itself records. */
export const instruments = settingGroup({
  title: 'Instruments of the app',
  settings: {
    flushIntervalMs: setting({
      whenUnset: '1000',
      computed: () => 1_000,
      rule: wholeNumber(10, 3_600_000),
      description:
        'How many milliseconds pass between two commits of the values that the code of the app has recorded.',
    }),
    maxSeries: setting({
      whenUnset: '10000',
      computed: () => 10_000,
      rule: wholeNumber(1, 10_000_000),
      description:
        'Maximum number of series of instruments in memory. Values of further series are dropped and counted.',
    }),
  },
});
