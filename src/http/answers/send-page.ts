import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import type { Request, Response } from 'express';
import { drained } from './drained.js';

type Part = string | Uint8Array;

/**
 * Answers up to this size are not compressed, because that would save less than the work and memory of a compression stream cost.
 */
const MAX_PLAIN_BYTES = 4096;

/**
 * Streams an answer, compressed if it is longer than 4 KiB and the client accepts gzip. The stream ends without an error if the
 * client disconnects.
 */
export async function sendPage(
  request: Request,
  response: Response,
  contentType: string,
  chunks: AsyncIterable<Part>,
): Promise<void> {
  const parts = chunks[Symbol.asyncIterator]();
  const { head, bytes, hasEnded } = await beginningOf(parts);
  response.setHeader('Content-Type', contentType);
  // The header is extended and not replaced, because with CORS it may already contain `Origin`.
  response.appendHeader('Vary', 'Accept, Accept-Encoding');
  const isCompressed = bytes > MAX_PLAIN_BYTES && request.acceptsEncodings('gzip', 'identity') === 'gzip';
  if (isCompressed) response.setHeader('Content-Encoding', 'gzip');
  else if (hasEnded) response.setHeader('Content-Length', bytes);
  if (request.method === 'HEAD') {
    await parts.return?.();
    response.end();
    return;
  }
  const all = joined(head, parts);
  if (!isCompressed) {
    await sendPlain(response, all);
    return;
  }
  try {
    await pipeline(Readable.from(all), createGzip({ level: constants.Z_BEST_SPEED }), response);
  } catch (error) {
    // The client has disconnected before the end of the answer, which is not an error of the service.
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE')) throw error;
  }
}

/**
 * Sends parts as fast as the client reads them, and waits until the answer is complete or the client has disconnected. A pipeline of
 * streams would do the same, but it would take most of the time of a small answer.
 */
async function sendPlain(response: Response, parts: AsyncIterable<Part>): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    if (response.destroyed) resolve();
    else response.once('close', resolve);
  });
  try {
    // What is written is sent in the next tick. If the last part is ready, the end of the answer is sent together with it.
    for await (const part of parts) {
      // The client may have read everything while this part was made. Then there will be no further event to wait for.
      if (response.writableNeedDrain) await drained(response);
      if (response.destroyed) return;
      response.write(part);
    }
  } catch (error) {
    // The client would otherwise take the answer for complete.
    response.destroy();
    throw error;
  }
  response.end();
  await closed;
}

/** Reads parts until they are worth compressing, or until the end. */
async function beginningOf(
  parts: AsyncIterator<Part>,
): Promise<{ readonly head: Part[]; readonly bytes: number; readonly hasEnded: boolean }> {
  const head: Part[] = [];
  let bytes = 0;
  while (bytes <= MAX_PLAIN_BYTES) {
    const next = await parts.next();
    if (next.done === true) return { head, bytes, hasEnded: true };
    head.push(next.value);
    bytes += Buffer.byteLength(next.value);
  }
  return { head, bytes, hasEnded: false };
}

/**
 * Yields the parts that were already read, and then the remaining ones. The result is not a generator: if a generator is ended
 * before it has started, none of its code runs, so it could not end `parts`.
 */
function joined(head: Part[], parts: AsyncIterator<Part>): AsyncIterable<Part> {
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        const value = head.shift();
        return value === undefined ? parts.next() : Promise.resolve({ value, done: false });
      },
      return: async () => (await parts.return?.()) ?? { value: undefined, done: true },
    }),
  };
}
