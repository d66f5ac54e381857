/**
 * Returns the time in milliseconds of a monotonic clock that is the same in all threads of a process. `performance.now()` would
 * not work, because it counts from the start of its own thread.
 */
export function sharedClockMs(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}
