import { TurnBackoff } from './turn-backoff.js';

const FAULT = new Error('a server is away');

test('pauses for longer after each failure, up to five minutes, and not after a success', () => {
  const backoff = new TurnBackoff();
  backoff.throwIfPausing(0);
  const pauses: number[] = [];
  for (let now = 0; pauses.length < 12;) {
    backoff.failed(FAULT, now);
    let pause = 0;
    for (; pause < 1_000; pause++) {
      try {
        backoff.throwIfPausing(now + pause * 1_000);
        break;
      } catch (error) {
        expect(error).toBe(FAULT);
      }
    }
    pauses.push(pause);
    now += pause * 1_000;
  }
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
  backoff.succeeded();
  backoff.throwIfPausing(0);
});
