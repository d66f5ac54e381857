import { QueryLimiter } from './query-limiter.js';

const NEVER = new AbortController().signal;

describe('QueryLimiter', () => {
  it('runs the maximum number of queries at once, and the others in the order of their arrival', async () => {
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

  it('gives the next turn to the token with the fewest running queries', async () => {
    const limiter = new QueryLimiter(2, 10);
    const busy = [await limiter.enter(1, NEVER), await limiter.enter(1, NEVER)];
    const order: number[] = [];
    const waiting = [1, 1, 1, 2].map(async (token) => {
      const leave = await limiter.enter(token, NEVER);
      order.push(token);
      return leave;
    });
    busy[0]!();
    await waiting[3];
    expect(order).toEqual([2]);
    busy[1]!();
    (await waiting[0])!();
    (await waiting[1])!();
    (await waiting[2])!();
    expect(order).toEqual([2, 1, 1, 1]);
  });

  it('refuses further queries of a token that has too many, until it has fewer', async () => {
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

  it('refuses a query when the queue is full', async () => {
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

  it('removes a client that has gone from the queue', async () => {
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
