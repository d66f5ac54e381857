import { QueryLimiter } from './query-limiter.js';

const NEVER = new AbortController().signal;

describe('QueryLimiter', () => {
  it('lets as many run as it may, and the others in the order in which they came', async () => {
    const limiter = new QueryLimiter(1, 10);
    const entered: string[] = [];
    const enter = async (name: string) => {
      const leave = await limiter.enter(1, NEVER);
      entered.push(name);
      return leave;
    };
    const first = await enter('first');
    const second = enter('second');
    const third = enter('third');
    await Promise.resolve();
    expect(entered).toEqual(['first']);
    first();
    first();
    const leaveSecond = await second;
    expect(entered).toEqual(['first', 'second']);
    leaveSecond();
    (await third)();
    expect(entered).toEqual(['first', 'second', 'third']);
  });

  it('refuses what one token has too many of, until it has fewer', async () => {
    const limiter = new QueryLimiter(1, 2);
    const leave = await limiter.enter(1, NEVER);
    const waiting = limiter.enter(1, NEVER);
    await expect(limiter.enter(1, NEVER)).rejects.toMatchObject({ status: 429, retryAfterSeconds: 2 });
    const other = limiter.enter(2, NEVER);
    leave();
    (await waiting)();
    (await other)();
    (await limiter.enter(1, NEVER))();
  });

  it('refuses what would wait in too long a queue', async () => {
    const limiter = new QueryLimiter(1, 1_000);
    const leave = await limiter.enter(0, NEVER);
    const controllers = Array.from({ length: 50 }, () => new AbortController());
    const waiting = controllers.map(({ signal }, token) => limiter.enter(token + 1, signal));
    await expect(limiter.enter(99, NEVER)).rejects.toMatchObject({ status: 503, errorType: 'unavailable' });
    for (const controller of controllers) controller.abort(new Error('gone'));
    for (const each of waiting) await expect(each).rejects.toThrow('gone');
    leave();
    (await limiter.enter(1, NEVER))();
  });

  it('forgets who has gone while waiting', async () => {
    const limiter = new QueryLimiter(1, 2);
    const leave = await limiter.enter(1, NEVER);
    const controller = new AbortController();
    const gone = limiter.enter(1, controller.signal);
    controller.abort(new Error('gone'));
    await expect(gone).rejects.toThrow('gone');
    const next = limiter.enter(1, NEVER);
    leave();
    (await next)();
  });
});
