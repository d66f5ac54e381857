/** The SQLSTATEs of refused rows. In these errors, the detail repeats the whole row, and thus the parameters of the statement. */
const STATES_WITH_ROW_IN_DETAIL = new Set([
  '23502', // not null
  '23514', // check, and no partition for the row
  '44000', // check of a view
]);

/**
 * The properties of a database error that describe the problem without the values that were sent. They do not include `query` and
 * `parameters`, which TypeORM adds to its errors and which may have thousands of values, nor `where`, in which Postgres can quote
 * these values (`log_parameter_max_length_on_error`).
 */
const SAFE_PROPERTIES = ['code', 'severity', 'detail', 'hint', 'schema', 'table', 'column', 'constraint'] as const;

/** Returns whether an error comes from node-postgres, or from TypeORM as a wrapper of such an error. */
export function isDatabaseError(error: Error): boolean {
  return 'driverError' in error || ('severity' in error && 'code' in error);
}

/** Returns the properties of a database error that may be logged in addition to its message and stack. */
export function describeDatabaseError(error: Error): Record<string, string> {
  // TypeORM copies the properties of the driver's error to its own, so both have the same properties.
  const properties = error as Error & Record<string, unknown>;
  const safe = SAFE_PROPERTIES.flatMap((name) => {
    const value = properties[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  const { detail, ...description }: Record<string, string> = Object.fromEntries(safe);
  return detail === undefined || STATES_WITH_ROW_IN_DETAIL.has(description.code ?? '')
    ? description
    : { ...description, detail };
}
