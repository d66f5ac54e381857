import { createGunzip, createInflate, type Gunzip, type Inflate } from 'node:zlib';
import { UnreadableBodyError } from '../answers/errors.js';
import { abbreviate } from '../../outside-text/abbreviate.js';

/** The supported encodings of a body. No SDK sends br or zstd, with which a small body can inflate to much more. */
export type ContentEncoding = 'identity' | 'gzip' | 'deflate';

/** `x-gzip` is the same as `gzip` (RFC 9110, 8.4.1.3). */
const ENCODINGS: ReadonlyMap<string, ContentEncoding> = new Map([
  ['', 'identity'],
  ['identity', 'identity'],
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
]);

/** @throws UnreadableBodyError 415 */
export function contentEncodingOf(header: string | undefined): ContentEncoding {
  const name = (header ?? '').trim().toLowerCase();
  const encoding = ENCODINGS.get(name);
  if (encoding !== undefined) return encoding;
  throw new UnreadableBodyError(
    415,
    `The content encoding ${JSON.stringify(abbreviate(name))} is not supported: send gzip, deflate or no encoding.`,
  );
}

/** @returns undefined if the body is not compressed */
export function createInflater(encoding: ContentEncoding): Gunzip | Inflate | undefined {
  if (encoding === 'identity') return undefined;
  return encoding === 'gzip' ? createGunzip() : createInflate();
}
