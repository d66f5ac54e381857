import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { BackgroundLoop, type BackgroundWork } from './background-loop.js';

describe('A background loop', () => {
  const logger = new Logger('test');
  const warnings: unknown[] = [];
  jest.spyOn(logger, 'warn').mockImplementation((message: unknown) => void warnings.push(message));

  const loopOf = (turn: BackgroundWork['turn'], intervalMs = 1) =>
    new BackgroundLoop({ name: 'count', logger, intervalMs, firstAfterMs: 0, turn });

  beforeEach(() => warnings.splice(0));

  it('continues after a failed turn and logs the failure', async () => {
    let turns = 0;
    const loop = loopOf(() => (++turns === 1 ? Promise.reject(new Error('broken')) : Promise.resolve()));
    loop.start();
    while (turns < 3) await sleep(1);
    await loop.stop();
    expect(warnings).toEqual(['Could not count, will try again: broken']);
  });

  it('does not pause while there is more to do', async () => {
    let turns = 0;
    const loop = loopOf(() => Promise.resolve(++turns < 3), 60_000);
    loop.start();
    while (turns < 3) await sleep(1);
    await loop.stop();
    expect(turns).toBe(3);
  });

  it('stops after the current turn, which gets an abort signal', async () => {
    let isEnded = false;
    const loop = loopOf(async (stopping) => {
      await sleep(60_000, undefined, { signal: stopping }).catch(() => undefined);
      await sleep(5);
      isEnded = true;
    });
    loop.start();
    await sleep(20);
    await loop.stop();
    expect(isEnded).toBe(true);
  });
});
