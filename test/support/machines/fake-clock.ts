/**
 * Puts the timers of `node:timers/promises` under Jest's fake clock, which replaces only the global ones. A spec must import this
 * file before any module that waits. The spec then never really sleeps.
 */
jest.mock('node:timers/promises', () => ({
  setTimeout: (delayMs: number, value?: unknown) =>
    new Promise((resolve) => {
      setTimeout(resolve, delayMs, value);
    }),
  setImmediate: (value?: unknown) =>
    new Promise((resolve) => {
      setImmediate(resolve, value);
    }),
}));

/** An arbitrary moment, so that the results of a run do not depend on the day. */
export const NOW = 1_764_000_000_000;

beforeEach(() => {
  jest.useFakeTimers({ now: NOW });
});

afterEach(() => {
  jest.useRealTimers();
});

/** Advances the clock, and runs everything that is due by then. */
export async function pass(ms: number): Promise<void> {
  await jest.advanceTimersByTimeAsync(ms);
}
