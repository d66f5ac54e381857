import { inflateSnappyBlock, SnappyError, SnappyTooLargeError } from './snappy-block.js';

/** Maximum number of bytes in one frame, after inflation. */
export const MAX_FRAME_BYTES = 65_536;

/** The error for bytes that are not in Snappy's framing format. */
export class SnappyFrameError extends Error {
  override readonly name = 'SnappyFrameError';
}

/**
 * Inflates the block of one frame.
 *
 * @throws SnappyFrameError
 */
export function inflateFrame(block: Uint8Array): Uint8Array {
  try {
    return inflateSnappyBlock(block, MAX_FRAME_BYTES);
  } catch (error) {
    if (error instanceof SnappyTooLargeError) {
      throw new SnappyFrameError(`a frame announces more than ${MAX_FRAME_BYTES} bytes`);
    }
    throw error instanceof SnappyError ? new SnappyFrameError(`a frame ${error.problem}`) : error;
  }
}
