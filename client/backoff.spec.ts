import { backoffMs } from './backoff.js';

describe('backoffMs', () => {
  test('doubles up to a minute, with jitter over the full range', () => {
    const most = [1, 2, 3, 6, 7, 8, 2_000].map((failures) => backoffMs(failures, 0, () => 1));
    expect(most).toEqual([1_000, 2_000, 4_000, 32_000, 60_000, 60_000, 60_000]);
    expect(backoffMs(5, 0, () => 0)).toBe(0);
  });

  test('is never shorter than the server has requested', () => {
    expect(backoffMs(1, 7_000, () => 0)).toBe(7_000);
    expect(backoffMs(9, 7_000, () => 1)).toBe(8_000);
  });
});
