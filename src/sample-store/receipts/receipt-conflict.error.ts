/**
 * Thrown when a log row was not written because one of its receipts already exists, although the row itself does not. The receipt
 * was committed by another process, or it has expired and has not been removed yet.
 */
export class ReceiptConflictError extends Error {
  override readonly name = 'ReceiptConflictError';
}
