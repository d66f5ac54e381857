import type { Transform } from 'node:stream';
import { createGunzip, createInflate } from 'node:zlib';
import { UnreadableBodyError } from '../answers/errors.js';
import { abbreviate } from '../../outside-text/abbreviate.js';
import { SnappyInflater } from './snappy-inflater.js';

/** The supported encodings of a body. No SDK sends br or zstd, and with them a small body could inflate to much more. */
export type ContentEncoding = 'identity' | 'gzip' | 'deflate' | 'snappy';

/** `x-gzip` is the same as `gzip` (RFC 9110, 8.4.1.3). */
const ENCODINGS: ReadonlyMap<string, ContentEncoding> = new Map([
  ['', 'identity'],
  ['identity', 'identity'],
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
]);

/**
 * Returns the encoding that a header names.
 *
 * @param takesSnappy whether the route also takes Snappy's framing format
 * @throws UnreadableBodyError with status 415 for any other encoding
 */
export function contentEncodingOf(header: string | undefined, takesSnappy = false): ContentEncoding {
  const name = (header ?? '').trim().toLowerCase();
  const encoding = takesSnappy && name === 'snappy' ? 'snappy' : ENCODINGS.get(name);
  if (encoding !== undefined) return encoding;
  throw new UnreadableBodyError(
    415,
    `The content encoding ${JSON.stringify(abbreviate(name))} is not supported: send gzip, deflate${takesSnappy ? ', snappy' : ''} or no encoding.`,
  );
}

/** @returns undefined if the body is not compressed */
export function createInflater(encoding: ContentEncoding): Transform | undefined {
  switch (encoding) {
    case 'identity':
      return undefined;
    case 'gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'snappy':
      return new SnappyInflater();
  }
}
