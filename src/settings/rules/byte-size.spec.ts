import fc from 'fast-check';
import { parseByteSize } from './byte-size.js';

describe('parseByteSize', () => {
  it.each([
    ['5242880', 5_242_880],
    ['512KiB', 524_288],
    ['5MiB', 5_242_880],
    ['1GiB', 1_073_741_824],
    ['0', 0],
  ])('reads %s', (text, bytes) => expect(parseByteSize(text)).toBe(bytes));

  it.each(['', 'MiB', '5MB', '5M', '5mib', '5 MiB', '1.5MiB', '-1', '0x10', '5MiBs', '1e6'])('refuses %j', (text) =>
    expect(parseByteSize(text)).toBeUndefined(),
  );

  it('gives the same result with and without a unit', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4_000_000 }),
        fc.constantFrom<[string, number]>(['KiB', 1024], ['MiB', 1024 ** 2], ['GiB', 1024 ** 3]),
        (amount, [unit, factor]) =>
          expect(parseByteSize(`${amount}${unit}`)).toBe(parseByteSize(String(amount * factor))),
      ),
    );
  });

  it('gives a safe whole number or nothing, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d*\.?\d*[KMG]?i?B?$/)), (text) => {
        const bytes = parseByteSize(text);
        expect(bytes === undefined || (Number.isSafeInteger(bytes) && bytes >= 0)).toBe(true);
      }),
    );
  });
});
