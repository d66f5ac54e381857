import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { StoreUnavailableError } from '../database/store-unavailable.error.js';
import { DecodingMemory } from './decoding-memory.js';

const LIMIT = 1_000;
const WAIT_MS = 5_000;

describe('DecodingMemory', () => {
  const memoryOf = (decodingMemoryBytes: number) =>
    new DecodingMemory({ ingest: { decodingMemoryBytes }, store: { waitMs: WAIT_MS } });

  it('never holds more than its limit, whatever is asked for, and serves everyone in the order of arrival', async () => {
    const request = fc.record({
      bytes: fc.nat({ max: 2 * LIMIT }),
      needed: fc.nat({ max: LIMIT }),
      fails: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(request, { maxLength: 30 }), async (requests) => {
        const memory = memoryOf(LIMIT);
        let held = 0;
        let most = 0;
        const begun: number[] = [];
        const outcomes = await Promise.allSettled(
          requests.map(({ bytes, needed, fails }, index) =>
            memory.take(bytes, async (body) => {
              begun.push(index);
              let own = Math.min(bytes, LIMIT);
              held += own;
              most = Math.max(most, held);
              await nextTurn();
              held -= own;
              own = Math.min(own, needed);
              held += own;
              body.shrinkTo(needed);
              await nextTurn();
              held -= own;
              if (fails) throw new Error('malformed');
            }),
          ),
        );
        expect(most).toBeLessThanOrEqual(LIMIT);
        expect(begun).toEqual(requests.map((_, index) => index));
        expect(outcomes.map(({ status }) => status === 'rejected')).toEqual(requests.map(({ fails }) => fails));
      }),
    );
  });

  it('refuses a request while too many wait, and accepts it again afterwards', async () => {
    const memory = memoryOf(LIMIT);
    const running = Array.from({ length: 33 }, () => memory.take(LIMIT, () => nextTurn()));
    await expect(memory.take(LIMIT, () => nextTurn())).rejects.toBeInstanceOf(StoreUnavailableError);
    await Promise.all(running);
    await expect(memory.take(5 * LIMIT, () => Promise.resolve('taken'))).resolves.toBe('taken');
  });

  it('refuses a request that has waited too long, and lets a smaller one behind it begin', async () => {
    jest.useFakeTimers();
    try {
      const memory = memoryOf(LIMIT);
      let end = (_result: string) => {};
      const holding = memory.take(LIMIT / 2, () => new Promise<string>((resolve) => (end = resolve)));
      const waiting = memory.take(LIMIT, () => Promise.resolve('too late'));
      const refusal = expect(waiting).rejects.toThrow(/waited for 5000 ms \(STORE_WAIT_MS\).*send it again/);
      await jest.advanceTimersByTimeAsync(WAIT_MS / 2);
      const smaller = memory.take(LIMIT / 2, () => Promise.resolve('begun'));
      await jest.advanceTimersByTimeAsync(WAIT_MS / 2);
      await refusal;
      await expect(smaller).resolves.toBe('begun');
      end('held');
      await expect(holding).resolves.toBe('held');
      await expect(memory.take(LIMIT, () => Promise.resolve('all of it'))).resolves.toBe('all of it');
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });
});
