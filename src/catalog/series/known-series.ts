/**
 * The SQL condition for rows of the table `series` that the catalog knows. Deleted and forgotten rows stay for a while, under
 * identities that no other series can have.
 */
export const IS_KNOWN = 'deleted_at IS NULL AND forgotten_at IS NULL';
