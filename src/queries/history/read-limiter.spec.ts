import { setImmediate as nextTurn } from 'node:timers/promises';
import { StoreUnavailableError } from '../../database/store-unavailable.error.js';
import { completeOptions } from '../../custom-metrics.options.js';
import { ReadLimiter } from './read-limiter.js';

const LIMITS = completeOptions({ history: { readsAtOnce: 4 } });

describe('ReadLimiter', () => {
  it('runs four reads at once, and the others in the order of their arrival', async () => {
    const limiter = new ReadLimiter(LIMITS);
    let running = 0;
    let most = 0;
    const started: number[] = [];
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        limiter.read(async () => {
          started.push(index);
          most = Math.max(most, ++running);
          await nextTurn();
          running--;
        }),
      ),
    );
    expect(most).toBe(4);
    expect(started).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  it('continues after a failed read', async () => {
    const limiter = new ReadLimiter(LIMITS);
    const reads = Array.from({ length: 9 }, (_, index) =>
      limiter.read(() => (index < 8 ? Promise.reject(new Error('away')) : Promise.resolve('read'))),
    );
    const results = await Promise.allSettled(reads);
    expect(results.at(-1)).toEqual({ status: 'fulfilled', value: 'read' });
    // This works only if all places were returned and not only passed on.
    for (let read = 1; read <= 5; read++) expect(await limiter.read(() => Promise.resolve(read))).toBe(read);
  });

  it('counts a request that uses much memory as several', () => {
    const limiter = new ReadLimiter(LIMITS);
    const leaves = Array.from({ length: 4 }, () => limiter.enter(8));
    expect(() => limiter.enter()).toThrow(StoreUnavailableError);
    leaves[0]!();
    for (let request = 1; request <= 8; request++) limiter.enter();
    expect(() => limiter.enter()).toThrow(StoreUnavailableError);
  });

  it('refuses a request beyond the limit with Retry-After, and admits the next one once a request has ended', () => {
    const limiter = new ReadLimiter(LIMITS);
    for (let request = 1; request < 32; request++) limiter.enter();
    const leave = limiter.enter();
    expect(() => limiter.enter()).toThrow(StoreUnavailableError);
    leave();
    leave();
    limiter.enter();
    expect(() => limiter.enter()).toThrow(/32 history requests/);
  });
});
