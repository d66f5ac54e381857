import type { RequestReceipt } from '../receipts/request-receipt.js';

/** A request with the same Idempotency-Key has been committed, so this one was not. Not a failure, but no success either. */
export class AlreadyStoredError extends Error {
  override readonly name = 'AlreadyStoredError';

  /** @param earlier of the request that was committed, be it of the same body or of another */
  constructor(readonly earlier: RequestReceipt) {
    super('A request with the same Idempotency-Key has been committed.');
  }
}
