import fc from 'fast-check';
import { parseDuration } from './duration.js';

describe('parseDuration', () => {
  it.each([
    ['90s', 90],
    ['30m', 1800],
    ['24h', 86_400],
    ['7d', 604_800],
  ])('reads %s', (text, seconds) => expect(parseDuration(text)).toBe(seconds));

  it.each(['', '0s', '90', 's', '-1s', '1.5h', '1h30m', '24H', '24 h', '1w', '500ms', 'never', '24h\n'])(
    'refuses %j',
    (text) => expect(parseDuration(text)).toBeUndefined(),
  );

  it('is proportional to the amount', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000_000 }), fc.constantFrom('s', 'm', 'h', 'd'), (amount, unit) =>
        expect(parseDuration(`${amount}${unit}`)).toBe(amount * parseDuration(`1${unit}`)!),
      ),
    );
  });

  it('refuses a duration that a double would round', () => {
    expect(parseDuration(`${Number.MAX_SAFE_INTEGER}d`)).toBeUndefined();
  });

  it('gives a safe whole number above 0 or nothing, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d*\.?\d*[smhdw]?$/)), (text) => {
        const seconds = parseDuration(text);
        expect(seconds === undefined || (Number.isSafeInteger(seconds) && seconds > 0)).toBe(true);
      }),
    );
  });
});
