import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from './eventually.js';
import { steadyPort } from './steady-port.js';

const PROGRAM = 'prometheus-pushgateway';
const START_TIMEOUT_MS = 60_000;

export function isPushgatewayInstalled(): boolean {
  return spawnSync(PROGRAM, ['--version']).status === 0;
}

/** A real, empty Pushgateway. */
export interface RealPushgateway {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts Debian's `prometheus-pushgateway`. */
export async function startPushgateway(): Promise<RealPushgateway> {
  // Pushgateway can't choose a free port and report it.
  const address = `127.0.0.1:${await steadyPort()}`;
  const child = spawn(PROGRAM, [`--web.listen-address=${address}`, '--persistence.file='], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  const url = `http://${address}`;
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  try {
    await eventually(
      async () => {
        expect([child.exitCode, await isReady(url)]).toEqual([null, true]);
      },
      { limitMs: START_TIMEOUT_MS },
    );
  } catch (error) {
    await stop();
    throw new Error('The Pushgateway did not start in time.', { cause: error });
  }
  return { url, stop };
}

async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/-/ready`).then(
    ({ ok }) => ok,
    () => false,
  );
}
