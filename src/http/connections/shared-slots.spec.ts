import fc from 'fast-check';
import { SharedSlots } from './shared-slots.js';

/** Takes slots for a token until one is refused, and returns how many it got. */
function takeAll(slots: SharedSlots, tokenId: number): number {
  let taken = 0;
  while (slots.take(tokenId)) taken++;
  return taken;
}

it('gives one token half of the slots, and leaves the rest to other tokens', () => {
  const slots = new SharedSlots(1_000);
  expect([1, 2, 3].map((token) => takeAll(slots, token))).toEqual([500, 250, 125]);
  expect(takeAll(slots, 1)).toBe(0);
});

it('gives one token three quarters of the slots if it may have three for each free one', () => {
  const slots = new SharedSlots(32, 3);
  expect(takeAll(slots, 1)).toBe(24);
  expect(slots.take(2, 8)).toBe(true);
  expect(slots.take(1)).toBe(false);
  slots.giveBack(2, 8);
  slots.giveBack(1, 24);
  expect([slots.take(1, 8), slots.take(1, 8), slots.take(1, 8), slots.take(1, 8)]).toEqual([true, true, true, false]);
});

it('gives the only slot to the only token', () => {
  const slots = new SharedSlots(1);
  expect(slots.take(1)).toBe(true);
  expect(slots.take(2)).toBe(false);
  slots.giveBack(1);
  expect(slots.take(2)).toBe(true);
});

it('never gives out more slots than there are, and forgets returned ones', () => {
  const step = fc.record({ token: fc.nat(3), isTaken: fc.boolean() });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.array(step, { maxLength: 200 }), (total, steps) => {
      const slots = new SharedSlots(total);
      const held = [0, 0, 0, 0];
      for (const { token, isTaken } of steps) {
        if (isTaken && slots.take(token)) held[token]!++;
        else if (!isTaken && held[token]! > 0) {
          slots.giveBack(token);
          held[token]!--;
        }
        expect(held.reduce((sum, each) => sum + each)).toBeLessThanOrEqual(total);
      }
      held.forEach((count, token) => Array.from({ length: count }).forEach(() => slots.giveBack(token)));
      expect(takeAll(slots, 0)).toBe(Math.ceil(total / 2));
    }),
  );
});
