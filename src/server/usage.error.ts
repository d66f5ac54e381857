/** A command line is invalid. The usage is printed after the message. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
