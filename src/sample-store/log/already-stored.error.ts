import type { RequestReceipt } from '../receipts/request-receipt.js';

/** The error for a request that was not committed, because another request with the same Idempotency-Key was. */
export class AlreadyStoredError extends Error {
  override readonly name = 'AlreadyStoredError';

  /** @param earlier the receipt of the committed request, which may have had another body */
  constructor(readonly earlier: RequestReceipt) {
    super('A request with the same Idempotency-Key has been committed.');
  }
}
