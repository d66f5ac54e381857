import type { RequestReceipt } from '../receipts/request-receipt.js';

/** Thrown when a request is not committed, because another request with the same Idempotency-Key has been committed already. */
export class AlreadyStoredError extends Error {
  override readonly name = 'AlreadyStoredError';

  /** @param earlier the receipt of the committed request, which may have had another body */
  constructor(readonly earlier: RequestReceipt) {
    super('A request with the same Idempotency-Key has been committed.');
  }
}
