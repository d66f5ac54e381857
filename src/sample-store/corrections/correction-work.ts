import { Turns } from '../../scheduling/turns.js';
import type { TrimmedRange } from '../archive/block/block-trimmer.js';
import { CorrectionTooLargeError } from './correction.js';
import { RemovedSamples } from './removed-samples.js';

/** The limits of one correction. */
export interface CorrectionLimits {
  readonly maxBlocks: number;
  readonly timeoutSeconds: number;
}

/** The state of a running correction: what it looks for, what it has found so far, and how much it may still do. */
export class CorrectionWork {
  readonly removed = new RemovedSamples();
  /** The number of blocks and chunks that lose samples. */
  blocks = 0;
  private readonly turns = new Turns();
  private readonly until: number;
  private examined = 0;

  /** @param seriesIds the series, in ascending order */
  constructor(
    readonly seriesIds: Int32Array,
    readonly range: TrimmedRange,
    readonly isDryRun: boolean,
    private readonly limits: CorrectionLimits,
  ) {
    this.until = performance.now() + limits.timeoutSeconds * 1000;
  }

  /** The number of blocks and chunks that may still be examined. */
  get roomForBlocks(): number {
    return this.limits.maxBlocks - this.examined;
  }

  /**
   * Counts blocks or chunks that overlap the range.
   *
   * @throws CorrectionTooLargeError if there are now more than the limit
   */
  noteExamined(blocks: number): void {
    this.examined += blocks;
    if (this.examined <= this.limits.maxBlocks) return;
    throw new CorrectionTooLargeError(
      `The range has more than ${this.limits.maxBlocks} blocks and chunks of these series (CORRECTION_MAX_BLOCKS). Nothing was ` +
        'deleted. Narrow the range or the labels, and delete the samples in several steps.',
    );
  }

  /**
   * Lets other work run if the current turn is over.
   *
   * @throws CorrectionTooLargeError if the time of the correction is up
   */
  async giveTurn(): Promise<void> {
    await this.turns.give();
    if (performance.now() > this.until) throw tooSlow(this.limits);
  }
}

/** Returns the error for a correction that takes too long. */
export function tooSlow({ timeoutSeconds }: CorrectionLimits): CorrectionTooLargeError {
  return new CorrectionTooLargeError(
    `The correction took longer than ${timeoutSeconds} s (CORRECTION_TIMEOUT_SECONDS). Nothing was deleted. Narrow the range or the ` +
      'labels, and delete the samples in several steps.',
  );
}
