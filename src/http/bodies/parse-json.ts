import { inTurns, Turns } from '../../scheduling/turns.js';
import { UnreadableBodyError } from '../answers/errors.js';
import { assertLightJson, assertLightJsonInSteps, type JsonLimits } from './json-weight.js';

/** A shorter body is parsed in a millisecond or two. */
const LARGE_BODY_BYTES = 64 * 1_024;

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Parses a JSON body. Its bytes say how it is written, not the charset that its sender names (RFC 8259): UTF-8 with or without
 * a byte order mark, or UTF-16, which Unleash reads as well. No text at all stands for an empty object.
 *
 * @throws UnreadableBodyError
 */
export function parseJson(body: Buffer, limits?: JsonLimits): unknown {
  assertLightJson(body, limits);
  return parse(body);
}

/** Whether looking at all of a body takes so long that others get a turn before: many large ones may arrive together. */
export function isLargeBody({ length }: Buffer): boolean {
  return length >= LARGE_BODY_BYTES;
}

/**
 * The same as {@link parseJson} for a large body. Parsing cannot be interrupted, so it gets a turn of its own: two bodies that were
 * parsed one right after the other would hold the event loop for twice as long.
 *
 * @throws UnreadableBodyError
 */
export async function parseLargeJson(body: Buffer, limits?: JsonLimits): Promise<unknown> {
  await inTurns(assertLightJsonInSteps(body, limits));
  await new Turns().next();
  return parse(body);
}

function parse(body: Buffer): unknown {
  const text = decode(body);
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UnreadableBodyError(400, error instanceof Error ? error.message : String(error));
  }
}

/** The first character of JSON is ASCII, so one of its first two bytes is 0 in UTF-16 and none in UTF-8. */
function decode(body: Buffer): string {
  const isUtf16 = body.length >= 2 && body.length % 2 === 0;
  if (isUtf16 && body[0] !== 0 && body[1] === 0) return body.toString('utf16le');
  if (isUtf16 && body[0] === 0 && body[1] !== 0) return Buffer.from(body).swap16().toString('utf16le');
  if (isUtf16 && body[0] === 0xff && body[1] === 0xfe) return body.toString('utf16le', 2);
  if (isUtf16 && body[0] === 0xfe && body[1] === 0xff) return Buffer.from(body).swap16().toString('utf16le', 2);
  const hasMark = body.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
  return body.toString('utf8', hasMark ? BYTE_ORDER_MARK.length : 0);
}
