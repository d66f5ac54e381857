/** The error for an invalid command line. The usage is printed after the message. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
