import { createHash } from 'node:crypto';
import { BadDataError } from '../../../http/answers/errors.js';

/** Where a page ended: what the next one needs to go on. */
export type CursorPosition = readonly (number | string)[];

const CHECK_BYTES = 6;

/**
 * Writes a cursor: opaque to clients, so that what is in it may change.
 *
 * The check ties it to the request it came from, and finds damage. It is no signature and need not be one: a cursor
 * opens nothing that the same request could not ask for by itself.
 *
 * @param request everything of the request that the position depends on
 */
export function encodeCursor(request: readonly unknown[], position: CursorPosition): string {
  const payload = Buffer.from(JSON.stringify(position));
  return Buffer.concat([checkOf(request, payload), payload]).toString('base64url');
}

/**
 * Reads a cursor back. Every number in a position is a time, an id or a count, so only safe integers are taken: who computes
 * the check can put anything into a cursor.
 *
 * @param shape the types that the position must have
 * @throws BadDataError for one that was changed, or that another request gave
 */
export function decodeCursor<Shape extends readonly ('number' | 'string')[]>(
  request: readonly unknown[],
  cursor: string,
  shape: Shape,
): { [Index in keyof Shape]: Shape[Index] extends 'number' ? number : string } {
  const bytes = Buffer.from(cursor, 'base64url');
  const payload = bytes.subarray(CHECK_BYTES);
  // Node skips what is no base64url; only the text that was given out is the cursor.
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
        'add the cursor, or leave it out to begin anew.',
    },
  ]);
}
