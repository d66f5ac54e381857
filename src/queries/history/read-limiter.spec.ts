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

  it.each([
    ['with it if Postgres is away', { code: 'ECONNREFUSED' }, 'rejected'],
    ['by itself if only the other read took too long', { code: '57014' }, 'fulfilled'],
  ])(
    'lets a read that has waited for a whole STORE_WAIT_MS behind one that failed end %s',
    async (_how, code, status) => {
      const limiter = new ReadLimiter(completeOptions({ history: { readsAtOnce: 1 }, store: { waitMs: 5_000 } }));
      let now = 0;
      const clock = jest.spyOn(performance, 'now').mockImplementation(() => now);
      try {
        let fail = (_error: Error) => {};
        const reads = [limiter.read(() => new Promise<string>((_resolve, reject) => (fail = reject)))];
        reads.push(limiter.read(() => Promise.resolve('waited')));
        now = 4_000;
        reads.push(limiter.read(() => Promise.resolve('came later')));
        now = 5_000;
        fail(Object.assign(new Error('failed'), code));
        expect((await Promise.allSettled(reads)).map((read) => read.status)).toEqual(['rejected', status, 'fulfilled']);
        await expect(limiter.read(() => Promise.resolve('next'))).resolves.toBe('next');
      } finally {
        clock.mockRestore();
      }
    },
  );

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
