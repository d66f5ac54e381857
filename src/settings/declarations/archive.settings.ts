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
    slowSeriesPeriodSeconds: setting({
      env: 'SLOW_SERIES_PERIOD',
      default: '24h',
      rule: partOfDay(10),
      description:
        'How long the merged blocks of slow series wait until those of several periods are merged again into one. Series are slow if ' +
        'they have fewer than 256 samples in a `CHUNK_PERIOD`, on average over 64 series. Use a multiple of `CHUNK_PERIOD`. With any ' +
        'other longer time, the blocks wait for the end of the day. With a time that is not longer than `CHUNK_PERIOD`, blocks are ' +
        'merged only once.',
    }),
  },
});
