import type { IncomingMessage } from 'node:http';
import { holdSocket, isHeld, releaseSocket } from './held-sockets.js';

/** Number of chunks after which a connection gives others a turn, if the chunks were small. Parsing them takes a millisecond. */
const CHUNKS_PER_TURN = 512;

/** Chunks with a smaller mean size count as small, because the overhead of each chunk then exceeds the work for its bytes. */
const SMALL_CHUNK_BYTES = 512;

/**
 * Lets other connections be served while a body arrives in many small chunks, whether or not anything reads that body. Node.js
 * would otherwise parse up to two megabytes of a connection without a pause, which takes seconds if each chunk has one byte.
 */
export function paceTinyChunks(request: IncomingMessage): void {
  const { socket } = request;
  const push = request.push.bind(request);
  let chunks = 0;
  let bytes = 0;
  request.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
    if (chunk !== null && !isHeld(socket)) {
      chunks++;
      bytes += chunk.length;
      if (chunks >= CHUNKS_PER_TURN) {
        if (bytes < chunks * SMALL_CHUNK_BYTES) {
          holdSocket(socket);
          releaseSocket(socket);
        }
        chunks = 0;
        bytes = 0;
      }
    }
    return push(chunk, encoding);
  };
}
