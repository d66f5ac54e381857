/** How a request with an Idempotency-Key is recognised when it comes again. */
export interface RequestReceipt {
  /** Whose key it is: two tokens may use the same one. */
  readonly tokenId: number;
  readonly key: string;
  /** SHA-256 of the body after inflation: the same key with another body is a mistake of the client. */
  readonly bodyHash: Buffer;
  /** Body of the answer, which a replay gets again; null for the usual empty one. */
  readonly answer: object | null;
}

/** Token and key as one text, to look up and to sort by. */
export function receiptIdOf({ tokenId, key }: Pick<RequestReceipt, 'tokenId' | 'key'>): string {
  return `${tokenId} ${key}`;
}
