import type { TestServer } from './server.js';

/**
 * Returns the source of a module that makes the system clock of a process wrong. SIGUSR2 sets it an hour ahead of the right time,
 * or an hour behind it if it is ahead. As on a real machine, timers and `performance.now()` are not affected.
 */
const moduleOf = (aheadMs: number) => `
  let ahead = ${aheadMs};
  const Right = Date;
  globalThis.Date = class Date extends Right {
    constructor(...given) {
      if (given.length === 0) super(Right.now() + ahead);
      else super(...given);
    }
    static now() {
      return Right.now() + ahead;
    }
  };
  process.on('SIGUSR2', () => {
    ahead = ahead > 0 ? -3600000 : 3600000;
  });`;

/** Returns the settings of a server whose system clock is wrong by this many milliseconds, and can be set. */
export function settableClock(aheadMs = 0): Record<string, string> {
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(moduleOf(aheadMs))}` };
}

/** Sets the clock of a server with {@link settableClock} an hour ahead of the right time, or an hour behind it if it is ahead. */
export function setClock(server: TestServer): void {
  server.process.kill('SIGUSR2');
}
