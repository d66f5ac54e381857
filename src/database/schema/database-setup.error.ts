/** The error for a database or a DataSource that can't be used with its current setup. The message says what to change. */
export class DatabaseSetupError extends Error {
  override readonly name = 'DatabaseSetupError';
}
