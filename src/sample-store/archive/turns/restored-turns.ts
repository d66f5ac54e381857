import type { DatabaseSchema } from '../../../database/schema/database-schema.js';
import type { ArchiveRepository, ArchiveTransaction } from '../archive.repository.js';
import { BLOCK_SETS } from '../chunk/chunk-partitions.js';
import { RestoredTurnsRepository } from './restored-turns.repository.js';

/** What has been undone after a restore. */
export interface UndoneTurns {
  /** The number of merged blocks that were deleted, because later turns had written them. */
  readonly deleted: number;
  /** The number of merged blocks that are current again, because later turns had replaced them. */
  readonly revived: number;
}

/**
 * Undoes turns that the restored database does not know.
 *
 * If merged blocks are on other servers, these may be restored to a later moment than the rest. Blocks of later turns are invisible then, but
 * the numbers of those turns would be used again, and the blocks would become visible.
 *
 * @throws Error if the archive is busy
 */
export async function undoLaterTurns(archive: ArchiveRepository, schema: DatabaseSchema): Promise<UndoneTurns> {
  const repository = new RestoredTurnsRepository(schema);
  const withLock = async <T>(task: (transaction: ArchiveTransaction) => Promise<T>): Promise<T> => {
    const result = await archive.withLockSoon(task);
    if (result !== undefined) return result;
    throw new Error('The archive is busy. Stop all processes of the service, and try again.');
  };
  const partitions = await withLock(async (transaction) => {
    await repository.skipUsedTurns(transaction);
    return archive.findPartitions(transaction, BLOCK_SETS.merged);
  });
  let [deleted, revived] = [0, 0];
  for (const partition of partitions) {
    const undone = await withLock((transaction) => repository.undo(transaction, partition));
    deleted += undone.deleted;
    revived += undone.revived;
  }
  return { deleted, revived };
}
