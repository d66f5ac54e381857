import type { Request, Response } from 'express';
import { sendPage } from '../exposition/send-page.js';

/** A client that takes nothing for so long is gone or broken. */
const STALLED_MS = 60_000;

/** Streams JSON, compressed if the client can read that. */
export async function sendAnswer(
  request: Request,
  response: Response,
  parts: AsyncIterable<string | Uint8Array>,
): Promise<void> {
  response.setTimeout(STALLED_MS, () => response.destroy());
  await sendPage(request, response, 'application/json', parts);
}
