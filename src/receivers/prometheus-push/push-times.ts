import type { IncomingSample } from '../../ingestion/incoming-sample.js';

const PUSH_TIME = 'push_time_seconds';
const PUSH_FAILURE_TIME = 'push_failure_time_seconds';

/**
 * The names of the metrics that each group has in addition to those that clients push. Names and meanings are the same as in
 * Pushgateway.
 */
export const NAMES_OF_PUSH_TIMES: ReadonlySet<string> = new Set([PUSH_TIME, PUSH_FAILURE_TIME]);

const HELP: Readonly<Record<string, string>> = {
  [PUSH_TIME]: 'Last Unix time when this group was changed, 0 if it never was',
  [PUSH_FAILURE_TIME]: 'Last Unix time when a push to this group was refused, 0 if none was',
};

/**
 * Returns the push time samples of a group after a push.
 *
 * @param known the metric names that the group already has; a push time that is not among them starts at 0
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
