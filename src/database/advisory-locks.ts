/**
 * Lists the ids of all advisory locks that the service takes. Postgres knows an advisory lock only by its number, and two
 * purposes that share a number wait for each other, so every id is here and nowhere else. The numbers themselves are arbitrary.
 *
 * Processes of an older version may run next to this one during an upgrade. `migration`, `archive` and `removedSamples` must
 * keep their numbers for that reason. `firstTokens` used to share the number of `archive`; it has its own since, because a start
 * then waited for a compaction. It matters only while the table of tokens is empty, so before there is anything to upgrade.
 */
export const ADVISORY_LOCKS = {
  /** One process migrates the schema, the others wait. TypeORM itself takes no lock. */
  migration: 7_203_117_000,
  /** One process at a time compacts the log, merges chunks, and makes or drops partitions. */
  archive: 7_203_117_001,
  /** One process at a time creates the first tokens. */
  firstTokens: 7_203_117_002,
  /** One process at a time deletes what removed series left behind. */
  removedSamples: 7_203_117_010,
} as const;
