/**
 * A log row with receipts was not written, because one of its receipts is there already, and the row itself is not: the
 * receipt is another process', or one that is past its time and was not removed yet.
 */
export class ReceiptConflictError extends Error {
  override readonly name = 'ReceiptConflictError';
}
