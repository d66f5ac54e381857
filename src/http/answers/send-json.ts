import type { Request, Response } from 'express';
import { sendPage } from './send-page.js';

/** A client that takes nothing for so long is gone or broken. */
const STALLED_MS = 60_000;

/** A client that has not taken an answer after so long takes it byte by byte, and must not keep its place and memory. */
const SENDING_MS = 120_000;

/** Streams JSON, compressed if the client can read that. */
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
