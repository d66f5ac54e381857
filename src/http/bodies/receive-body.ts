import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import type { BodyShare } from './body-budget.js';
import { type ContentEncoding, createInflater } from './content-encoding.js';
import { UnreadableBodyError } from '../answers/errors.js';
import { JoinedChunks } from './joined-chunks.js';

/** The limits and the encoding of a body. */
export interface BodyLimits {
  /** Maximum size, both as received and after inflation. */
  readonly maxBytes: number;
  /** The name of the setting that determines the limit, for the error message; undefined if there is no such setting. */
  readonly setting?: string;
  readonly encoding: ContentEncoding;
  readonly share: BodyShare;
}

/**
 * Receives a body, inflates it while it arrives, and stops at the first byte above a limit. The rest of a refused body is read
 * and discarded, so that the client can read the answer.
 *
 * @throws UnreadableBodyError if the body is too large, incomplete, or can't be inflated; BodyBudgetError if it does not fit into
 * the budget
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
      // Without a listener, a connection error would end the process while the rest of the body is discarded.
      request.on('error', () => undefined);
      request.resume();
      reject(error);
    };
    const abort = () => {
      // A complete request emits `close` as well, possibly before its last bytes are inflated.
      if (!request.complete) fail(new UnreadableBodyError(400, 'The request was aborted.'));
    };
    const keepInflated = (chunk: Buffer) => {
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
      // The listeners are not removed. Only "close" follows, which they ignore, and removing them would cost as much as receiving
      // a small body.
      isSettled = true;
      inflater?.destroy();
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    };
    const receive = (chunk: Buffer) => {
      receivedBytes += chunk.length;
      // Received bytes have the same limit, because a client could otherwise send an endless series of gzip members that inflate
      // to nothing.
      if (receivedBytes > maxBytes) return fail(tooLarge(maxBytes, setting));
      try {
        share.take(chunk.length);
      } catch (error) {
        return fail(error as Error);
      }
      received.add(chunk);
    };
    const inflate = (inflating: Transform, chunk: Buffer) => {
      // Bytes after the compressed data are ignored.
      if (isSettled || inflating.readableEnded) return;
      if (!inflating.write(chunk)) {
        request.pause();
        inflating.once('drain', () => request.resume());
      }
    };
    const received = new JoinedChunks((chunk) => {
      if (inflater === undefined) chunks.push(chunk);
      else inflate(inflater, chunk);
    });
    const endOfRequest = () => {
      if (isSettled) return;
      received.flush();
      if (inflater === undefined) finish();
      else inflater.end();
    };

    if (Number(request.headers['content-length']) > maxBytes) return fail(tooLarge(maxBytes, setting));
    inflater?.on('data', keepInflated);
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

/** Returns the error for a body that exceeds a limit. */
export function tooLarge(maxBytes: number, setting: string | undefined): UnreadableBodyError {
  const limit = setting === undefined ? `${maxBytes} bytes` : `${maxBytes} bytes (${setting})`;
  return new UnreadableBodyError(
    413,
    `The body is larger than ${limit}, compressed or inflated. Send it in several requests.`,
  );
}
