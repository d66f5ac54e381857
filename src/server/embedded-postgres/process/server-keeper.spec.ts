import type { RunningServer } from '../running-server.js';
import { ServerKeeper } from './server-keeper.js';
import type { StartContext } from '../start-context.js';

const ADDRESS = { port: 5_000, password: 'secret' };
/** No process has this pid, because Linux assigns none above 2^22. */
const DEAD: RunningServer = {
  identity: { pid: 2 ** 22 + 1 },
  address: ADDRESS,
  version: '18.4',
  isAdopted: false,
  isOwned: true,
};
const ALIVE: RunningServer = { ...DEAD, identity: { pid: process.pid } };

/** Runs a keeper for a server that has ended, and returns the final log. */
async function keep(start: () => Promise<RunningServer>, lastWords: string): Promise<string[]> {
  const logs: string[] = [];
  let keeper: ServerKeeper | undefined;
  await new Promise<void>((resolve) => {
    const log = (message: string) => {
      logs.push(message);
      if (message.includes(lastWords)) resolve();
    };
    const context = { log, logError: log } as StartContext;
    keeper = new ServerKeeper(DEAD, context, start, () => resolve(), 0.1);
    keeper.watch();
  });
  await keeper?.stop();
  return logs;
}

it('logs an error and gives up if no attempt succeeds', async () => {
  let attempts = 0;
  const start = () => {
    attempts++;
    return Promise.reject(new Error('no space left on device'));
  };
  const logs = await keep(start, 'will not be restarted');
  expect(attempts).toBe(10);
  expect(logs.at(-1)).toContain('no space left on device');
});

it('retries after a failed attempt, and then watches the new server', async () => {
  const outcomes = [() => Promise.reject(new Error('not now')), () => Promise.resolve(ALIVE)];
  const logs = await keep(() => outcomes.shift()!(), 'never said');
  expect(outcomes).toEqual([]);
  expect(logs).toHaveLength(2);
});

it('gives up immediately if the server that it finds has another address', async () => {
  const moved = { ...ALIVE, address: { ...ADDRESS, port: 5_001 } };
  const logs: string[] = [];
  const log = (message: string) => logs.push(message);
  const keeper = new ServerKeeper(
    DEAD,
    { log, logError: log } as unknown as StartContext,
    () => Promise.resolve(moved),
    () => {},
  );
  keeper.watch();
  while (logs.length < 2) await new Promise(setImmediate);
  await keeper.stop();
  expect(logs[1]).toContain('Restart this program');
});
