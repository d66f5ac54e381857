/**
 * Returns milliseconds by a monotonic clock that is the same in all threads of a process; `performance.now()` counts from the
 * start of its own thread.
 */
export function sharedClockMs(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}
