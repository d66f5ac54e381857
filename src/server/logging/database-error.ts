/**
 * What Postgres says about a row that it refused, by SQLSTATE: the detail repeats the whole row, and so the parameters
 * of the statement.
 */
const STATES_WITH_ROW_IN_DETAIL = new Set([
  '23502', // not null
  '23514', // check, and no partition for the row
  '44000', // check of a view
]);

/**
 * The properties of a database error that say what happened without saying which values were sent. Left out are `query`
 * and `parameters`, which TypeORM hangs on its errors and which may be thousands of values, and `where`, in which
 * Postgres can quote them (`log_parameter_max_length_on_error`).
 */
const SAFE_PROPERTIES = ['code', 'severity', 'detail', 'hint', 'schema', 'table', 'column', 'constraint'] as const;

/** Whether an error comes from node-postgres, or from TypeORM around one of its errors. */
export function isDatabaseError(error: Error): boolean {
  return 'driverError' in error || ('severity' in error && 'code' in error);
}

/** What may be logged of a database error beside its message and stack. */
export function describeDatabaseError(error: Error): Record<string, string> {
  // TypeORM copies the properties of the driver's error onto its own, so both look the same.
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
