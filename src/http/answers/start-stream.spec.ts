import { Readable } from 'node:stream';
import { startStream } from './start-stream.js';

describe('startStream', () => {
  let hasEnded: boolean;

  async function* count(to: number): AsyncGenerator<string> {
    hasEnded = false;
    try {
      for (let each = 1; each <= to; each++) yield await Promise.resolve(String(each));
    } finally {
      hasEnded = true;
    }
  }

  it('returns every item', async () => {
    for (const to of [0, 1, 5]) {
      const items: string[] = [];
      for await (const item of await startStream(count(to))) items.push(item);
      expect(items).toEqual(Array.from({ length: to }, (_, index) => String(index + 1)));
    }
  });

  it('ends the stream, also if nothing was read', async () => {
    const readable = Readable.from(await startStream(count(5)));
    expect(hasEnded).toBe(false);
    readable.destroy();
    await new Promise((resolve) => readable.once('close', resolve));
    expect(hasEnded).toBe(true);
  });
});
