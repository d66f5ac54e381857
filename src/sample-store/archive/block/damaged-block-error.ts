/** Thrown when the bytes of a block are not what the encoder has written. The message names the block and the damaged part. */
export class DamagedBlockError extends Error {
  override readonly name = 'DamagedBlockError';

  /** @param block the name of the block, such as "Block 17 of bucket 3" */
  constructor(block: string, damage: string) {
    super(
      `${block} is damaged: ${damage}. Restore its row of sample_block from a backup, or delete the row to lose its samples.`,
    );
  }
}
