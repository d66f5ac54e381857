import { setImmediate as nextTurn } from 'node:timers/promises';
import { StoreUnavailableError } from '../../../database/store-unavailable.error.js';
import { LargeExports } from './large-exports.js';

const LARGE = Buffer.alloc(300_000);

describe('LargeExports', () => {
  it('runs large exports one after the other, also after a failed one, and small exports at once', async () => {
    const exports = new LargeExports();
    let running = 0;
    let most = 0;
    const task = async () => {
      most = Math.max(most, ++running);
      await nextTurn();
      running--;
      throw new Error('malformed');
    };
    const large = Array.from({ length: 5 }, () => exports.take(LARGE, task));
    await expect(exports.take(Buffer.alloc(10), () => Promise.resolve('small'))).resolves.toBe('small');
    expect((await Promise.allSettled(large)).map(({ status }) => status)).toEqual(Array(5).fill('rejected'));
    expect(most).toBe(1);
  });

  it('refuses exports while too many wait, and accepts them again afterwards', async () => {
    const exports = new LargeExports();
    const waiting = Array.from({ length: 32 }, () => exports.take(LARGE, () => nextTurn()));
    await expect(exports.take(LARGE, () => nextTurn())).rejects.toBeInstanceOf(StoreUnavailableError);
    await Promise.all(waiting);
    await expect(exports.take(LARGE, () => Promise.resolve('taken'))).resolves.toBe('taken');
  });
});
