/** The data by which a request with an Idempotency-Key is recognised when it is repeated. */
export interface RequestReceipt {
  /** The token that the key belongs to, because two tokens may use the same key. */
  readonly tokenId: number;
  readonly key: string;
  /** The SHA-256 of the body after decompression. Using the same key with another body is an error of the client. */
  readonly bodyHash: Buffer;
  /** The body of the response, which a replay returns again; null for the usual empty body. */
  readonly answer: object | null;
}

/** Returns token and key as one string, for look-ups and sorting. */
export function receiptIdOf({ tokenId, key }: Pick<RequestReceipt, 'tokenId' | 'key'>): string {
  return `${tokenId} ${key}`;
}
