/** The store can't take samples now. It will pass: the answer is 503 with `Retry-After`, and nothing else. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';

  /** @param retryAfterSeconds when trying again makes sense */
  constructor(
    message: string,
    readonly retryAfterSeconds = 1,
  ) {
    super(message);
  }
}
