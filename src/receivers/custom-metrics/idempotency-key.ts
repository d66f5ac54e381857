import { BadDataError } from '../../http/answers/errors.js';

/**
 * The response header that marks the replayed answer to an earlier request with the same key. Nothing was stored for the replay.
 */
export const REPLAYED_HEADER = 'Idempotency-Replayed';

/** The identity that a client gives its request, so that it can send the request again without storing it twice. */
export interface RequestIdentity {
  readonly key: string;
  /** SHA-256 of the body after inflation. */
  readonly bodyHash: Buffer;
}

const MAX_LENGTH = 255;
const VISIBLE_ASCII = /^[!-~]+$/;

/** Matches a string as RFC 8941 defines it: in quotes, with a backslash before each quote or backslash inside. */
const QUOTED = /^"((?:[^"\\]|\\["\\])*)"$/;

/**
 * Reads an `Idempotency-Key` header (draft-ietf-httpapi-idempotency-key-header): a string in quotes, as the draft defines it, or
 * bare, as most clients send it.
 *
 * @returns undefined if there is no such header
 * @throws BadDataError for an invalid key
 */
export function readIdempotencyKey(header: string | readonly string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const text = typeof header === 'string' ? header : header.join(', ');
  const key = text.startsWith('"') ? QUOTED.exec(text)?.[1]?.replaceAll(/\\(.)/g, '$1') : text;
  if (key !== undefined && key.length <= MAX_LENGTH && VISIBLE_ASCII.test(key)) return key;
  const found = key === undefined ? 'a string whose quotes do not match' : `${key.length} characters`;
  throw new BadDataError([
    {
      path: '/headers/idempotency-key',
      message:
        `The Idempotency-Key must be 1 to ${MAX_LENGTH} visible ASCII characters without spaces, bare or in quotes. ` +
        `You sent ${found}. A UUID for each request is a good key.`,
    },
  ]);
}
