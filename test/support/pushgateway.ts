import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { steadyPort } from './steady-port.js';

const PROGRAM = 'prometheus-pushgateway';
const START_TIMEOUT_MS = 60_000;

export function isPushgatewayInstalled(): boolean {
  return spawnSync(PROGRAM, ['--version']).status === 0;
}

/** A real Pushgateway, empty. */
export interface RealPushgateway {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts Debian's `prometheus-pushgateway`. */
export async function startPushgateway(): Promise<RealPushgateway> {
  // It can't take any free one and tell which.
  const address = `127.0.0.1:${await steadyPort()}`;
  const child = spawn(PROGRAM, [`--web.listen-address=${address}`, '--persistence.file='], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  const url = `http://${address}`;
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  for (const until = Date.now() + START_TIMEOUT_MS; !(await isReady(url)); await sleep(50)) {
    if (Date.now() < until && child.exitCode === null) continue;
    await stop();
    throw new Error('The Pushgateway did not start in time.');
  }
  return { url, stop };
}

async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/-/ready`).then(
    ({ ok }) => ok,
    () => false,
  );
}
