import { setting, settingGroup } from '../setting.js';
import { partOfDay, wholeNumber } from '../rules/setting-rules.js';

/** Settings of the archive: compaction, blocks and merging. */
export const archive = settingGroup({
  title: 'Archive',
  settings: {
    compactionHorizonSeconds: setting({
      env: 'COMPACTION_HORIZON_SECONDS',
      aliases: ['FOLD_HORIZON_SECONDS'],
      default: '120',
      rule: wholeNumber(1, 86_400),
      description:
        'How many seconds samples stay in the log before the compaction moves them into blocks. The log has no index by series, so ' +
        'a longer time makes queries of the last minutes slower, and a shorter time makes blocks smaller.',
    }),
    compactionIntervalSeconds: setting({
      env: 'COMPACTION_INTERVAL_SECONDS',
      aliases: ['FOLD_INTERVAL_SECONDS'],
      default: '30',
      rule: wholeNumber(1, 3_600),
      description:
        'How many seconds pass between two runs of the archive, which compact the log, merge blocks, and drop old ones.',
    }),
    chunkPeriodSeconds: setting({
      env: 'CHUNK_PERIOD',
      default: '6h',
      rule: partOfDay(10),
      description:
        'How long the period of one block is. When a period is over, its small blocks are merged into one for each 64 series.',
    }),
  },
});
