import { MAX_PAGE_MEMORY, PageMemory } from './page-memory.js';

describe('PageMemory', () => {
  it('gives memory that was given back, all of it and only once', () => {
    const memory = new PageMemory();
    const page = new Uint8Array(1_000).subarray(0, 10);
    memory.giveBack(page);
    const taken = memory.take(900);
    expect(taken?.buffer).toBe(page.buffer);
    expect(taken?.length).toBe(1_000);
    expect(memory.take(900)).toBeUndefined();
  });

  it('gives no memory that is too small or far too large', () => {
    const memory = new PageMemory();
    memory.giveBack(new Uint8Array(1_000));
    expect(memory.take(1_001)).toBeUndefined();
    expect(memory.take(100)).toBeUndefined();
    expect(memory.take(250)?.length).toBe(1_000);
  });

  it('keeps a few pieces of limited size', () => {
    const memory = new PageMemory();
    memory.giveBack(new Uint8Array(MAX_PAGE_MEMORY + 1));
    expect(memory.take(MAX_PAGE_MEMORY)).toBeUndefined();
    for (let piece = 0; piece < 20; piece++) memory.giveBack(new Uint8Array(1_000));
    let taken = 0;
    while (memory.take(1_000) !== undefined) taken++;
    expect(taken).toBe(8);
  });
});
