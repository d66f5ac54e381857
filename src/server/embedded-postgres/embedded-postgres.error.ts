/** Why an embedded Postgres could not be started; stable, so that a caller can tell the cases apart. */
export type EmbeddedPostgresErrorCode =
  | 'NO_POSTGRES_FOUND'
  | 'NO_ACCOUNT_FOR_ROOT'
  | 'DATA_FOLDER_UNUSABLE'
  | 'WRONG_MAJOR_VERSION'
  | 'INITDB_FAILED'
  | 'PORT_TAKEN'
  | 'START_FAILED'
  | 'START_TIMED_OUT';

/** A failure the reader of the message can mend: it says what is wrong and what to do about it. */
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
