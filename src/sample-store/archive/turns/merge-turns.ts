import { Injectable } from '@nestjs/common';
import type { ArchiveTransaction } from '../archive.repository.js';
import { BlockRepository } from '../stored-blocks/block.repository.js';
import { MergeTurn } from './merge-turn.js';
import { type MergeState, TurnsRepository } from './turns.repository.js';
import { TurnBackoff } from './turn-backoff.js';

/**
 * Changes merged blocks, which may be on other servers than the rest of the database, so that every reader sees either all of a change or
 * nothing of it.
 *
 * The changes are written under the number of a new turn, in a transaction of their own that is committed first. Readers leave out rows of a
 * turn that does not count yet. The turn begins to count in the transaction of the archive that has also done everything else, such as
 * deleting the fresh blocks that were merged. If any step fails, that transaction is rolled back, and the number of the turn is never used
 * again, so its rows stay invisible until they are deleted (`TurnSweep`).
 */
@Injectable()
export class MergeTurns {
  private readonly used = new WeakSet<ArchiveTransaction>();

  constructor(
    private readonly turns: TurnsRepository,
    private readonly blocks: BlockRepository,
    private readonly backoff: TurnBackoff,
  ) {}

  /**
   * Returns which turns count. As long as the lock of the archive is held, this does not change.
   *
   * @returns undefined as long as a process of an older version may be alive
   */
  findState(transaction: ArchiveTransaction): Promise<MergeState | undefined> {
    return this.turns.findState(transaction);
  }

  /**
   * Returns the same for work in the background, which pauses after turns that failed.
   *
   * @throws the error of the last turn, as long as the pause after it lasts
   */
  async findStateToTake(transaction: ArchiveTransaction): Promise<MergeState | undefined> {
    this.backoff.throwIfPausing();
    return this.turns.findState(transaction);
  }

  /** Returns whether work in the background pauses after a turn that failed. */
  get isPausing(): boolean {
    return this.backoff.isPausing();
  }

  /** Runs a step without which a turn can't be taken. If it fails, work in the background pauses as after a turn that failed. */
  async prepare<T>(step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      this.backoff.failed(error);
      throw error;
    }
  }

  /**
   * Runs a task that changes merged blocks. The changes become visible when the transaction of the archive is committed. If this fails, the
   * transaction must be rolled back.
   *
   * @param transaction a transaction that holds the lock of the archive and has taken no turn before
   */
  async take<T>(transaction: ArchiveTransaction, task: (turn: MergeTurn) => Promise<T>): Promise<T> {
    // The row of turns is locked by now, and taking a number would wait for this transaction.
    if (this.used.has(transaction)) throw new Error('A transaction can take only one turn.');
    this.used.add(transaction);
    try {
      await this.turns.waitForWriting(transaction);
      const tried = await this.turns.tryTurn();
      const { result, written } = await this.turns.inWriting(async (writing) => {
        const turn = new MergeTurn(writing, tried, this.blocks, this.turns);
        return { result: await task(turn), written: turn.written };
      });
      await this.turns.verify(tried, written);
      await this.turns.count(transaction, tried);
      this.backoff.succeeded();
      return result;
    } catch (error) {
      this.backoff.failed(error);
      throw error;
    }
  }
}
