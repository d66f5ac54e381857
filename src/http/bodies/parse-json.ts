import { inTurns, Turns } from '../../scheduling/turns.js';
import { UnreadableBodyError } from '../answers/errors.js';
import { assertLightJson, assertLightJsonInSteps, type JsonLimits } from './json-weight.js';

/** Shorter bodies are parsed in one or two milliseconds. */
const LARGE_BODY_BYTES = 64 * 1_024;

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Parses a JSON body. The encoding is detected from the bytes and not from the charset of the header (RFC 8259): UTF-8 with or
 * without a byte order mark, or UTF-16, which Unleash reads as well. An empty body is an empty object.
 *
 * @throws UnreadableBodyError
 */
export function parseJson(body: Buffer, limits?: JsonLimits): unknown {
  assertLightJson(body, limits);
  return parse(body);
}

/** Returns whether a body is so large that other work must run before it is processed, since many may arrive together. */
export function isLargeBody({ length }: Buffer): boolean {
  return length >= LARGE_BODY_BYTES;
}

/**
 * Parses a large body like {@link parseJson}. Parsing can't be interrupted, so each body is parsed in its own turn: two bodies in
 * direct succession would block the event loop for twice as long.
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

/** Decodes a body. The first character of JSON is ASCII, so in UTF-16 one of the first two bytes is 0, and in UTF-8 none is. */
function decode(body: Buffer): string {
  const isUtf16 = body.length >= 2 && body.length % 2 === 0;
  if (isUtf16 && body[0] !== 0 && body[1] === 0) return body.toString('utf16le');
  if (isUtf16 && body[0] === 0 && body[1] !== 0) return Buffer.from(body).swap16().toString('utf16le');
  if (isUtf16 && body[0] === 0xff && body[1] === 0xfe) return body.toString('utf16le', 2);
  if (isUtf16 && body[0] === 0xfe && body[1] === 0xff) return Buffer.from(body).swap16().toString('utf16le', 2);
  const hasMark = body.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
  return body.toString('utf8', hasMark ? BYTE_ORDER_MARK.length : 0);
}
