import type { IncomingSample } from '../../ingestion/incoming-sample.js';

const PUSH_TIME = 'push_time_seconds';
const PUSH_FAILURE_TIME = 'push_failure_time_seconds';

/** What is said of each group beside its own metrics; the names and meanings are those of Pushgateway. */
export const NAMES_OF_PUSH_TIMES: ReadonlySet<string> = new Set([PUSH_TIME, PUSH_FAILURE_TIME]);

const HELP: Readonly<Record<string, string>> = {
  [PUSH_TIME]: 'Last Unix time when this group was changed, 0 if it never was',
  [PUSH_FAILURE_TIME]: 'Last Unix time when a push to this group was refused, 0 if none was',
};

/**
 * The times of a group after a push.
 *
 * @param known names of those that the group has already: the other one begins with 0
 */
export function pushTimes(
  outcome: 'taken' | 'refused',
  nowMs: number,
  known: ReadonlySet<string>,
  labels: Readonly<Record<string, string>>,
): IncomingSample[] {
  const now = outcome === 'taken' ? PUSH_TIME : PUSH_FAILURE_TIME;
  return [...NAMES_OF_PUSH_TIMES]
    .filter((name) => name === now || !known.has(name))
    .map((name) => ({ name, labels, value: name === now ? nowMs / 1000 : 0, type: 'gauge', help: HELP[name] }));
}
