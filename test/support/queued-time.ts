import { readFileSync } from 'node:fs';

/**
 * Returns the milliseconds for which the main threads of these processes were ready to run while others had the processors. On a
 * busy machine, a test and the server wait for other programs, too, which is not the fault of the service.
 */
export function queuedMsOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const [, queued] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ');
    return sum + Number(queued) / 1e6;
  }, 0);
}
