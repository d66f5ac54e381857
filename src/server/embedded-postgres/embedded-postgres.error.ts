/** The reason why an embedded Postgres could not be started. The codes are stable, so that callers can distinguish them. */
export type EmbeddedPostgresErrorCode =
  | 'NO_POSTGRES_FOUND'
  | 'NO_ACCOUNT_FOR_ROOT'
  | 'DATA_FOLDER_UNUSABLE'
  | 'WRONG_MAJOR_VERSION'
  | 'INITDB_FAILED'
  | 'PORT_TAKEN'
  | 'START_FAILED'
  | 'START_TIMED_OUT';

/** An error that the operator can fix. The message says what is wrong and how to fix it. */
export class EmbeddedPostgresError extends Error {
  constructor(
    readonly code: EmbeddedPostgresErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'EmbeddedPostgresError';
  }
}
