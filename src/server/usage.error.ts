/** A command was not understood; whoever typed it is shown the usage. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
