import { PageSize } from './page-size.js';

describe('PageSize', () => {
  it('ends a page after its maximum number of rows', () => {
    const size = new PageSize(3);
    expect([1, 2, 3, 4, 5].map(() => size.takes(10))).toEqual([true, true, true, false, false]);
  });

  it('ends a page after four million characters', () => {
    const size = new PageSize(10_000);
    let rows = 0;
    while (size.takes(32 * 1_000)) rows++;
    expect(rows).toBe(131);
  });

  it('takes at least one row, however long it is', () => {
    const size = new PageSize(10_000);
    expect([size.takes(1e9), size.takes(1)]).toEqual([true, false]);
  });
});
