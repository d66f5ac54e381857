import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { TestServer } from './server.js';

/** The longest time that a probe waited for its answer. */
export interface LongestWait {
  /** The time in milliseconds. */
  readonly gapMs: number;
  /** The part of that time, in milliseconds, for which the server or the probe waited for a processor. */
  readonly queuedMs: number;
}

/** Requests `/health/live` of a server every 10 ms, each time on a new connection, from a separate process. */
export class ServiceProbe {
  private constructor(private readonly process: ChildProcess) {}

  static of({ url, process: { pid } }: Pick<TestServer, 'url' | 'process'>): ServiceProbe {
    const { hostname, port } = new URL(url);
    const program = path.join(import.meta.dirname, 'probe.mjs');
    return new ServiceProbe(fork(program, [hostname, port, String(pid)], { execArgv: [] }));
  }

  /** Returns the longest wait since the last call. A probe that is not answered yet counts with the time it has waited so far. */
  async take(): Promise<LongestWait> {
    this.process.send('take');
    const [longest] = (await once(this.process, 'message')) as [LongestWait];
    return longest;
  }

  stop(): void {
    this.process.disconnect();
  }
}
