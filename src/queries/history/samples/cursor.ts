import { createHash } from 'node:crypto';
import { BadDataError } from '../../../http/answers/errors.js';

/** The end of a page, from which the next page continues. */
export type CursorPosition = readonly (number | string)[];

const CHECK_BYTES = 6;

/**
 * Encodes a cursor. A cursor is opaque to clients, so that its content can change.
 *
 * The checksum ties the cursor to its request and detects damage. It need not be a signature, because a cursor gives access
 * only to data that the request could read without it.
 *
 * @param request everything in the request that the position depends on
 */
export function encodeCursor(request: readonly unknown[], position: CursorPosition): string {
  const payload = Buffer.from(JSON.stringify(position));
  return Buffer.concat([checkOf(request, payload), payload]).toString('base64url');
}

/**
 * Decodes a cursor. Every number in a position is a time, an id or a count, so only safe integers are accepted. This matters
 * because a client that computes the checksum can put any content into a cursor.
 *
 * @param shape the types that the position must have
 * @throws BadDataError for a cursor that was changed, or that belongs to another request
 */
export function decodeCursor<Shape extends readonly ('number' | 'string')[]>(
  request: readonly unknown[],
  cursor: string,
  shape: Shape,
): { [Index in keyof Shape]: Shape[Index] extends 'number' ? number : string } {
  const bytes = Buffer.from(cursor, 'base64url');
  const payload = bytes.subarray(CHECK_BYTES);
  // Node.js skips characters that are not base64url, so the text must be exactly the one that was issued.
  const isIntact =
    bytes.toString('base64url') === cursor && checkOf(request, payload).equals(bytes.subarray(0, CHECK_BYTES));
  if (!isIntact) throw unfit();
  const position = parse(payload);
  if (!Array.isArray(position) || position.length !== shape.length) throw unfit();
  const parts: readonly unknown[] = position;
  const fits = shape.every((type, index) =>
    type === 'number' ? Number.isSafeInteger(parts[index]) : typeof parts[index] === type,
  );
  if (!fits) throw unfit();
  return position as { [Index in keyof Shape]: Shape[Index] extends 'number' ? number : string };
}

function parse(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString());
  } catch {
    return undefined;
  }
}

function checkOf(request: readonly unknown[], payload: Buffer): Buffer {
  return createHash('sha256')
    .update(JSON.stringify(request))
    .update('\n')
    .update(payload)
    .digest()
    .subarray(0, CHECK_BYTES);
}

function unfit(): BadDataError {
  return new BadDataError([
    {
      path: '/query/cursor',
      message:
        'The `/query/cursor` property must be a nextCursor of the same request: repeat the request unchanged and only ' +
        'add the cursor, or leave it out to start again.',
    },
  ]);
}
