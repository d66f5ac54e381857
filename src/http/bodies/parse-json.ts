import { isUtf8 } from 'node:buffer';
import { inTurns, Turns } from '../../scheduling/turns.js';
import { UnreadableBodyError } from '../answers/errors.js';
import { parseInPieces } from './json-pieces.js';
import { assertLightJson, assertLightJsonInSteps, type JsonLimits, LIGHT_BYTES } from './json-weight.js';

/** Bodies below this size are parsed within one or two milliseconds. */
const LARGE_BODY_BYTES = 64 * 1_024;

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Parses a JSON body. The encoding is detected from the bytes and not from the charset of the header (RFC 8259): UTF-8 with or
 * without a byte order mark, or UTF-16, which Unleash reads as well. An empty body is parsed as an empty object.
 *
 * @throws UnreadableBodyError if the body is not valid JSON, or if parsing it would take too long
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
 * Parses a large body as {@link parseJson} does, and lets other work run. `JSON.parse` can't be interrupted, so each body that is
 * parsed whole gets its own turn, and the largest bodies are parsed in pieces.
 *
 * @throws UnreadableBodyError if the body is not valid JSON, or if parsing it would take too long
 */
export async function parseLargeJson(body: Buffer, limits?: JsonLimits): Promise<unknown> {
  await inTurns(assertLightJsonInSteps(body, limits));
  if (body.length <= LIGHT_BYTES) {
    await new Turns().next();
    return parse(body);
  }
  try {
    return await inTurns(parseInPieces(toUtf8(body)));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UnreadableBodyError(400, `The body is not valid JSON: ${error.message}.`);
  }
}

function parse(body: Buffer): unknown {
  const text = decodeJson(body);
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UnreadableBodyError(400, error instanceof Error ? error.message : String(error));
  }
}

/**
 * Decodes a JSON text. Its first character is ASCII, so exactly one of the first two bytes is 0 in UTF-16, and neither is in
 * UTF-8.
 *
 * Invalid bytes are refused. If they were replaced by U+FFFD, different names and labels could become the same series.
 *
 * @throws UnreadableBodyError if the bytes are valid in neither encoding
 */
function decodeJson(body: Buffer): string {
  return textOfUtf16(body) ?? utf8Of(body).toString();
}

/**
 * Returns the UTF-8 of a JSON text, without a byte order mark, by the rules of {@link decodeJson}.
 *
 * @throws UnreadableBodyError if the bytes are valid in neither encoding
 */
export function toUtf8(body: Buffer): Buffer {
  const text = textOfUtf16(body);
  return text === undefined ? utf8Of(body) : Buffer.from(text);
}

/** Returns the text of a body in UTF-16, or undefined if it is not UTF-16. */
function textOfUtf16(body: Buffer): string | undefined {
  const isUtf16 = body.length >= 2 && body.length % 2 === 0;
  if (isUtf16 && body[0] !== 0 && body[1] === 0) return wellFormed(body.toString('utf16le'));
  if (isUtf16 && body[0] === 0 && body[1] !== 0) return wellFormed(Buffer.from(body).swap16().toString('utf16le'));
  if (isUtf16 && body[0] === 0xff && body[1] === 0xfe) return wellFormed(body.toString('utf16le', 2));
  if (isUtf16 && body[0] === 0xfe && body[1] === 0xff) {
    return wellFormed(Buffer.from(body).swap16().toString('utf16le', 2));
  }
  return undefined;
}

/** Returns a body in UTF-8 without its byte order mark. */
function utf8Of(body: Buffer): Buffer {
  if (!isUtf8(body)) throw notUtf8(body);
  const hasMark = body.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
  return hasMark ? body.subarray(BYTE_ORDER_MARK.length) : body;
}

function wellFormed(text: string): string {
  if (text.isWellFormed()) return text;
  throw new UnreadableBodyError(400, 'The body is not valid UTF-16: it contains a lone surrogate.');
}

/** Returns the error for a body that is not UTF-8. Its message names the first byte that is not part of a character. */
function notUtf8(body: Buffer): UnreadableBodyError {
  const decoded = Buffer.from(body.toString());
  let position = 0;
  while (body[position] === decoded[position]) position++;
  // The invalid bytes may begin like the replacement character, in which case the loop has gone too far.
  while (position > 0 && !isUtf8(body.subarray(0, position))) position--;
  const byte = body[position]!.toString(16).toUpperCase();
  return new UnreadableBodyError(
    400,
    `The body is not valid UTF-8: the byte 0x${byte} at position ${position} is not part of a character. Send JSON in UTF-8.`,
  );
}
