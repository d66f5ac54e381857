import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import type { Request, Response } from 'express';

/** Streams an answer, compressed if the client accepts that. It ends if the client disconnects. */
export async function sendPage(
  request: Request,
  response: Response,
  contentType: string,
  chunks: AsyncIterable<string | Uint8Array>,
): Promise<void> {
  response.setHeader('Content-Type', contentType);
  response.setHeader('Vary', 'Accept, Accept-Encoding');
  const body = Readable.from(chunks);
  try {
    if (request.acceptsEncodings('gzip', 'identity') === 'gzip') {
      response.setHeader('Content-Encoding', 'gzip');
      await pipeline(body, createGzip({ level: constants.Z_BEST_SPEED }), response);
    } else {
      await pipeline(body, response);
    }
  } catch (error) {
    // The client has disconnected in the middle of the answer, which is not an error of the service.
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE')) throw error;
  }
}
