/**
 * The SQL condition for rows of the table `series` that the catalog knows. Rows of deleted and forgotten series stay in the table
 * for a while.
 */
export const IS_KNOWN = 'deleted_at IS NULL AND forgotten_at IS NULL';

/** SQL for the version of a row of the table `metric`, as a double. Every change of the row gives it another one. */
export const METRIC_VERSION = 'xmin::text::float8';

/**
 * SQL for the {@link StoredExtent.oldestRunning} and the {@link StoredExtent.nextTransaction} of a statement outside of a transaction.
 *
 * The end of a snapshot is only the id after the newest transaction that has ended, so transactions with that id or a larger one
 * may be running. `age` counts the ids that have been assigned since.
 */
export const TRANSACTIONS = {
  oldestRunning: 'pg_snapshot_xmin(pg_current_snapshot())::text::float8',
  next: 'pg_snapshot_xmax(pg_current_snapshot())::text::float8 + age(pg_snapshot_xmax(pg_current_snapshot())::xid)',
} as const;

/** A modulus of a factor and one with which the sums of the checksums of all possible ids are exact in the doubles of JavaScript. */
const FACTOR_MODULUS = 65_521;
const CHECKSUM_MODULUS = 4_194_301;

/**
 * SQL for three columns over rows of `series`: their number, the largest id, and the sum of {@link idChecksum}. The last two are null if
 * there are no rows.
 */
export const EXTENT_COLUMNS = `count(*) AS count, max(id) AS newest_id,
  sum(id::int8 * (id % ${FACTOR_MODULUS}) % ${CHECKSUM_MODULUS})::float8 AS checksum`;

/**
 * Returns what an id adds to the checksum of a set of ids. It is not proportional to the id, so that two sets with the same number
 * and the same sum of ids have different checksums.
 */
export function idChecksum(id: number): number {
  return (id * (id % FACTOR_MODULUS)) % CHECKSUM_MODULUS;
}
