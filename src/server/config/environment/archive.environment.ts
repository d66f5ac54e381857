import { Setting } from '../rules/setting.decorator.js';
import { partOfDay, wholeNumber } from '../rules/setting-rules.js';

/** The archive: compaction, chunks, merging. */
export class ArchiveEnvironment {
  @Setting({
    group: 'archive',
    default: '120',
    rule: wholeNumber(1, 86_400),
    description:
      'How many seconds samples stay in the log before the compaction moves them into chunks. What fits in that time is read ' +
      'without an index by series, so longer makes queries of the last minutes slower, and shorter makes chunks smaller.',
  })
  readonly FOLD_HORIZON_SECONDS: number;

  @Setting({
    group: 'archive',
    default: '30',
    rule: wholeNumber(1, 3_600),
    description: 'How many seconds pass between two looks for what is to compact, to merge or to drop.',
  })
  readonly FOLD_INTERVAL_SECONDS: number;

  @Setting({
    group: 'archive',
    default: '6h',
    rule: partOfDay(10),
    description:
      'How long the period of one chunk is. When a period is over, its small chunks are merged into one for each series.',
  })
  readonly CHUNK_PERIOD: number;
}
