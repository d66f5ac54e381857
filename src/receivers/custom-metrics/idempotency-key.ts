import { BadDataError } from '../../http/answers/errors.js';

/** Says that an answer is that of an earlier request with the same key, and that nothing was stored now. */
export const REPLAYED_HEADER = 'Idempotency-Replayed';

/** What a client names its request by, so that it can be sent again without being stored again. */
export interface RequestIdentity {
  readonly key: string;
  /** SHA-256 of the body after inflation. */
  readonly bodyHash: Buffer;
}

const MAX_LENGTH = 255;
const VISIBLE_ASCII = /^[!-~]+$/;

/** A text of RFC 8941: in quotes, with a backslash before quotes and backslashes in it. */
const QUOTED = /^"((?:[^"\\]|\\["\\])*)"$/;

/**
 * Reads an `Idempotency-Key` header (draft-ietf-httpapi-idempotency-key-header): a text in quotes, as the draft has it, or
 * bare, as most clients send it.
 *
 * @returns undefined without the header
 * @throws BadDataError
 */
export function readIdempotencyKey(header: string | readonly string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const text = typeof header === 'string' ? header : header.join(', ');
  const key = text.startsWith('"') ? QUOTED.exec(text)?.[1]?.replaceAll(/\\(.)/g, '$1') : text;
  if (key !== undefined && key.length <= MAX_LENGTH && VISIBLE_ASCII.test(key)) return key;
  const found = key === undefined ? 'a text whose quotes do not match' : `${key.length} characters`;
  throw new BadDataError([
    {
      path: '/headers/idempotency-key',
      message:
        `The Idempotency-Key must be 1 to ${MAX_LENGTH} visible ASCII characters without spaces, bare or in quotes. ` +
        `You sent ${found}. A UUID for each request is a good key.`,
    },
  ]);
}
