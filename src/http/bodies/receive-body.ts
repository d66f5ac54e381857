import type { IncomingMessage } from 'node:http';
import type { BodyShare } from './body-budget.js';
import { type ContentEncoding, createInflater } from './content-encoding.js';
import { UnreadableBodyError } from '../answers/errors.js';

/** The limits and the encoding of a body. */
export interface BodyLimits {
  /** Maximum size, both as received and after inflation. */
  readonly maxBytes: number;
  /** The name of the setting for the message; undefined if the limit can't be set. */
  readonly setting?: string;
  readonly encoding: ContentEncoding;
  readonly share: BodyShare;
}

/**
 * Receives a body and inflates it while it arrives, and stops at the first byte above a limit. The rest of a refused body is
 * read and discarded, so that the client can read the answer.
 *
 * @throws UnreadableBodyError, BodyBudgetError
 */
export function receiveBody(
  request: IncomingMessage,
  { maxBytes, setting, encoding, share }: BodyLimits,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const inflater = createInflater(encoding);
    const chunks: Buffer[] = [];
    let receivedBytes = 0;
    let bodyBytes = 0;
    let isSettled = false;

    const settle = () => {
      isSettled = true;
      request.off('data', receive);
      request.off('end', endOfRequest);
      request.off('close', abort);
      request.off('error', abort);
      inflater?.destroy();
    };
    const fail = (error: Error) => {
      if (isSettled) return;
      settle();
      chunks.length = 0;
      share.release();
      // Without a listener, an error of the connection while the rest is discarded would end the process.
      request.on('error', () => undefined);
      request.resume();
      reject(error);
    };
    const abort = () => {
      // A complete request emits `close` as well, possibly before its last bytes are inflated.
      if (!request.complete) fail(new UnreadableBodyError(400, 'The request was aborted.'));
    };
    const keep = (chunk: Buffer) => {
      if (isSettled) return;
      bodyBytes += chunk.length;
      if (bodyBytes > maxBytes) return fail(tooLarge(maxBytes, setting));
      try {
        share.take(chunk.length);
      } catch (error) {
        return fail(error as Error);
      }
      chunks.push(chunk);
    };
    const finish = () => {
      if (isSettled) return;
      // The listeners stay: nothing but "close" follows, which they pass over, and taking them off costs as much as a small body.
      isSettled = true;
      inflater?.destroy();
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bodyBytes));
    };
    const receive = (chunk: Buffer) => {
      if (inflater === undefined) return keep(chunk);
      receivedBytes += chunk.length;
      // Otherwise a client could endlessly send gzip members that inflate to nothing.
      if (receivedBytes > maxBytes) return fail(tooLarge(maxBytes, setting));
      try {
        share.take(chunk.length);
      } catch (error) {
        return fail(error as Error);
      }
      // Bytes after the compressed data are ignored.
      if (inflater.readableEnded) return;
      if (!inflater.write(chunk)) {
        request.pause();
        inflater.once('drain', () => request.resume());
      }
    };
    const endOfRequest = () => {
      if (inflater === undefined) finish();
      else inflater.end();
    };

    if (Number(request.headers['content-length']) > maxBytes) return fail(tooLarge(maxBytes, setting));
    inflater?.on('data', keep);
    inflater?.on('end', () => {
      if (request.complete) finish();
      else request.once('end', finish);
    });
    inflater?.on('error', (error) =>
      fail(new UnreadableBodyError(400, `The body can't be inflated: ${error.message}.`)),
    );
    request.on('data', receive);
    request.on('end', endOfRequest);
    request.on('close', abort);
    request.on('error', abort);
  });
}

function tooLarge(maxBytes: number, setting: string | undefined): UnreadableBodyError {
  const limit = setting === undefined ? `${maxBytes} bytes` : `${maxBytes} bytes (${setting})`;
  return new UnreadableBodyError(
    413,
    `The body is larger than ${limit}, compressed or inflated. Send it in several requests.`,
  );
}
