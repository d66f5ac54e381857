import type { Request, Response } from 'express';
import { sendPage } from './send-page.js';

/** Maximum time without progress. A client that reads nothing for this time is gone or broken. */
const STALLED_MS = 60_000;

/**
 * Maximum time for sending an answer. A client that takes longer reads very slowly, and would keep a slot and memory occupied.
 */
const SENDING_MS = 120_000;

/** Streams JSON, compressed if it is long and the client accepts gzip. */
export async function sendJson(
  request: Request,
  response: Response,
  parts: AsyncIterable<string | Uint8Array>,
): Promise<void> {
  response.setTimeout(STALLED_MS, () => response.destroy());
  const deadline = setTimeout(() => response.destroy(), SENDING_MS);
  try {
    await sendPage(request, response, 'application/json; charset=utf-8', parts);
  } finally {
    clearTimeout(deadline);
  }
}

/** Sends a value as JSON. The value must be small, because it is converted to JSON without interruption. */
export async function sendWhole(request: Request, response: Response, value: object): Promise<void> {
  await sendJson(request, response, ReadableStream.from([JSON.stringify(value)]));
}
