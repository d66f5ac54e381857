import { RequestQueue } from './request-queue.js';

/** Returns a task that ends when the test calls `end`. */
function task(started: string[], name: string) {
  let end!: () => void;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const run = async () => {
    started.push(name);
    await ended;
    return name;
  };
  return { run, end };
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

describe('the queue of requests', () => {
  it('runs only as many at once as it may, in order', async () => {
    const started: string[] = [];
    const queue = new RequestQueue(2);
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => task(started, name));
    const results = [a, b, c, d].map((each) => queue.run(each!.run));
    await settle();
    expect(started).toEqual(['a', 'b']);
    b!.end();
    await settle();
    expect(started).toEqual(['a', 'b', 'c']);
    for (const each of [a, c, d]) each!.end();
    expect(await Promise.all(results)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('never starts a task that was cancelled while it waited, and goes on with the next', async () => {
    const started: string[] = [];
    const queue = new RequestQueue(1);
    const [a, b, c] = ['a', 'b', 'c'].map((name) => task(started, name));
    const cancelling = new AbortController();
    const first = queue.run(a!.run);
    const second = queue.run(b!.run, cancelling.signal);
    const third = queue.run(c!.run);
    cancelling.abort();
    await expect(second).rejects.toThrow('aborted');
    a!.end();
    c!.end();
    expect(await first).toBe('a');
    expect(await third).toBe('c');
    expect(started).toEqual(['a', 'c']);
  });

  it('goes on after a task that failed', async () => {
    const queue = new RequestQueue(1);
    await expect(queue.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await queue.run(() => Promise.resolve('next'))).toBe('next');
  });
});
