import { Agent, request as sendRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { sendRaw } from './send-raw.js';

/** The behaviour of a request on the wire. */
export type Pace =
  /** Sends and reads as fast as it can. */
  | 'plain'
  /** Sends most of the body at once, then one byte every 100 ms, and breaks the connection after a second. */
  | 'slow sender'
  /** Reads the first bytes of the answer, and then nothing for a second. */
  | 'slow reader'
  /** Breaks the connection in the middle of the body, or right after it. */
  | 'aborted'
  /** Sends the request some hundred times on one connection, and reads only the first answers. */
  | 'pipelined'
  /** Sends each byte of the body as a chunk. */
  | 'tiny chunks';

export interface HostileRequest {
  readonly method: string;
  /** Path and query string, exactly as they are sent. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  readonly pace: Pace;
}

/** The outcome of a request. `status` is 0 if the connection ended without an answer. */
export interface Outcome {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** The beginning of the answer, which shows the error. */
  readonly text: string;
}

/** Maximum time for an answer. A request that takes longer hangs. */
const ANSWER_TIMEOUT_MS = 60_000;

const SLOW_MS = 1_000;
const SHOWN_BYTES = 300;

/** The status of a request that got no answer and whose connection did not end. */
export const HANGS = 599;

const NOT_ANSWERED: Outcome = { status: 0, retryAfter: undefined, text: '' };

/**
 * Sends one request over a separate connection.
 *
 * @returns the outcome; its `status` is 0 if the server or the pace ended the connection, and {@link HANGS} if there was no
 * answer
 */
export function send(url: string, hostile: HostileRequest): Promise<Outcome> {
  if (hostile.pace === 'pipelined' || hostile.pace === 'tiny chunks') return sendRaw(url, hostile);
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const agent = new Agent({ keepAlive: false });
    const request = sendRequest({
      hostname,
      port,
      agent,
      method: hostile.method,
      path: hostile.target,
      headers: { ...hostile.headers, ...lengthOf(hostile) },
    });
    const timer = setTimeout(() => end({ status: HANGS, retryAfter: undefined, text: 'no answer' }), ANSWER_TIMEOUT_MS);
    const end = (outcome: Outcome) => {
      clearTimeout(timer);
      request.destroy();
      resolve(outcome);
    };
    request.on('error', () => end(NOT_ANSWERED));
    request.on('close', () => end(NOT_ANSWERED));
    request.on('response', (response) => {
      const outcome = (text: string): Outcome => ({
        status: response.statusCode ?? 0,
        retryAfter: response.headers['retry-after'],
        text,
      });
      let text = '';
      response.on('error', () => end(outcome(text)));
      response.on('data', (bytes: Buffer) => {
        if (text.length < SHOWN_BYTES) text += bytes.toString('latin1', 0, SHOWN_BYTES);
        if (hostile.pace !== 'slow reader') return;
        response.pause();
        void sleep(SLOW_MS).then(() => end(outcome(text)));
      });
      response.on('close', () => end(outcome(text)));
    });
    void write(request, hostile);
  });
}

function lengthOf({ body, headers }: HostileRequest): Record<string, string> {
  if (body === undefined || 'content-length' in headers || 'transfer-encoding' in headers) return {};
  return { 'content-length': String(body.length) };
}

async function write(request: ReturnType<typeof sendRequest>, { body, pace }: HostileRequest): Promise<void> {
  if (body === undefined || body.length === 0) {
    request.end();
    if (pace === 'aborted') await sleep(1).then(() => request.destroy());
    return;
  }
  if (pace === 'aborted') {
    request.write(body.subarray(0, Math.ceil(body.length / 2)), () => request.destroy());
    return;
  }
  if (pace !== 'slow sender') {
    request.end(body);
    return;
  }
  // Everything except the last bytes is sent at once, so that the server has much to keep while it waits.
  request.write(body.subarray(0, Math.max(0, body.length - 20)));
  for (let waitedMs = 0; waitedMs < SLOW_MS && !request.destroyed; waitedMs += SLOW_MS / 10) {
    await sleep(SLOW_MS / 10);
    request.write(' ');
  }
  request.destroy();
}
