import { setting, settingGroup } from '../setting.js';
import { wholeNumber } from '../rules/setting-rules.js';

/** Settings of corrections, which delete samples in a time range. The time limit also applies to renames of metrics. */
export const correction = settingGroup({
  title: 'Corrections',
  settings: {
    maxBlocks: setting({
      env: 'CORRECTION_MAX_BLOCKS',
      default: '2000',
      rule: wholeNumber(1, 100_000),
      description:
        'Maximum number of blocks and chunks that one correction may examine. A request for more is refused with 400 and deletes nothing. ' +
        'A block has up to 64 series and one `CHUNK_PERIOD`, and usually takes a few milliseconds.',
    }),
    timeoutSeconds: setting({
      env: 'CORRECTION_TIMEOUT_SECONDS',
      default: '60',
      rule: wholeNumber(1, 600),
      description:
        'How many seconds one correction may take. A longer one is refused with 400 and deletes nothing. Compaction and merging wait for a ' +
        'correction; pushes and queries do not. The same time applies to a rename of a metric, which is refused with 503 when it is over.',
    }),
  },
});
