/**
 * The SQL condition for rows of the table `series` that the catalog knows. Rows of deleted and forgotten series stay in the table
 * for a while.
 */
export const IS_KNOWN = 'deleted_at IS NULL AND forgotten_at IS NULL';
