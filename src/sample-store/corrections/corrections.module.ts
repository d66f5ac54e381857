import { Module } from '@nestjs/common';
import { DatabaseModule } from '../../database/database.module.js';
import { ArchiveModule } from '../archive/archive.module.js';
import { ChangedBlocksRepository } from '../archive/stored-blocks/changed-blocks.repository.js';
import { ReadingModule } from '../reading/reading.module.js';
import { CorrectedBlocksRepository } from './corrected-blocks.repository.js';
import { CorrectedBlocks } from './corrected-blocks.js';
import { CorrectedChunksRepository } from './corrected-chunks.repository.js';
import { CorrectedChunks } from './corrected-chunks.js';
import { CorrectedLogRepository } from './corrected-log.repository.js';
import { CorrectedTotalsRepository } from './corrected-totals.repository.js';
import { CorrectedTotalsKeeper } from './corrected-totals.js';
import { CorrectionsRepository } from './corrections.repository.js';
import { SampleCorrections } from './sample-corrections.js';

/** Deletes samples in a time range. */
@Module({
  imports: [DatabaseModule, ArchiveModule, ReadingModule],
  providers: [
    SampleCorrections,
    CorrectionsRepository,
    CorrectedLogRepository,
    CorrectedBlocks,
    CorrectedBlocksRepository,
    CorrectedChunks,
    CorrectedChunksRepository,
    CorrectedTotalsKeeper,
    CorrectedTotalsRepository,
    ChangedBlocksRepository,
  ],
  exports: [SampleCorrections, CorrectionsRepository],
})
export class CorrectionsModule {}
