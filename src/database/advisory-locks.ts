/**
 * Lists the ids of all advisory locks that the service takes. Postgres knows an advisory lock only by its number, and two
 * purposes that share a number wait for each other, so all ids are listed here and nowhere else. The numbers themselves are
 * arbitrary.
 *
 * Processes of an older version may run alongside this one during an upgrade. `migration`, `archive` and `removedSamples` must
 * keep their numbers for that reason. `firstTokens` once shared the number of `archive`, which made a start wait for a
 * compaction. Its number could change, because the lock matters only while the table of tokens is empty, that is, before there is
 * anything to upgrade.
 */
export const ADVISORY_LOCKS = {
  /** One process migrates the schema while the others wait. TypeORM itself takes no lock. */
  migration: 7_203_117_000,
  /** One process at a time compacts the log, merges blocks, and creates or drops partitions. */
  archive: 7_203_117_001,
  /** One process at a time creates the first tokens. */
  firstTokens: 7_203_117_002,
  /** Only one process at a time deletes the remaining data of removed series. */
  removedSamples: 7_203_117_010,
  /** One process at a time renames a metric. */
  rename: 7_203_117_011,
} as const;
