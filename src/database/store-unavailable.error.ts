/**
 * The error for a request that can't be carried out at the moment, for example because Postgres is unavailable. This is
 * temporary, so the answer is always 503 with `Retry-After`.
 */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';

  /**
   * @param retryAfterSeconds the time after which a retry makes sense
   * @param mayBeStored whether the samples may have been stored nevertheless, so that a retry may count them twice
   */
  constructor(
    message: string,
    readonly retryAfterSeconds = 1,
    readonly mayBeStored = false,
  ) {
    super(message);
  }
}
