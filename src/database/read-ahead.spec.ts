import { setTimeout as sleep } from 'node:timers/promises';
import { readAhead } from './read-ahead.js';

describe('pages that are read ahead', () => {
  let reads: number[];
  let ended: number[];

  beforeEach(() => ([reads, ended] = [[], []]));

  /** Reads the pages 1, 2 and so on, up to the last one. */
  async function read(before: number | undefined, last: number): Promise<number | undefined> {
    const page = (before ?? 0) + 1;
    reads.push(page);
    await sleep(1);
    ended.push(page);
    return page <= last ? page : undefined;
  }

  it('are yielded in their order, with the next read on its way', async () => {
    const pages: number[] = [];
    for await (const page of readAhead<number>((before) => read(before, 3))) {
      expect(reads.at(-1)).toBe(page + 1);
      pages.push(page);
    }
    expect(pages).toEqual([1, 2, 3]);
    expect(reads).toEqual([1, 2, 3, 4]);
  });

  it('leave no read on its way when the caller stops early', async () => {
    for await (const page of readAhead<number>((before) => read(before, 3))) if (page === 2) break;
    expect(ended).toEqual([1, 2, 3]);
  });

  it('throw the error of a read when its page is asked for', async () => {
    const pages = readAhead<number>((before) =>
      before === 1 ? Promise.reject(new Error('the connection is lost')) : read(before, 3),
    );
    expect(await pages.next()).toEqual({ done: false, value: 1 });
    // Nobody waits for the failed read yet, which must not end the process.
    await sleep(1);
    await expect(pages.next()).rejects.toThrow('the connection is lost');
  });
});
