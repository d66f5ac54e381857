import fc from 'fast-check';
import { parseWholeNumber } from './whole-number.js';

describe('parseWholeNumber', () => {
  it('reads every whole number that a double holds exactly', () => {
    fc.assert(fc.property(fc.maxSafeNat(), (value) => expect(parseWholeNumber(String(value))).toBe(value)));
  });

  it.each(['', ' 1', '1 ', '-1', '+1', '1.0', '1e3', '0x10', '12abc', '1_000', '1,000', '٣', 'Infinity', 'NaN'])(
    'refuses %j',
    (text) => expect(parseWholeNumber(text)).toBeUndefined(),
  );

  it('refuses a number that a double would round', () => {
    expect(parseWholeNumber('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
    expect(parseWholeNumber('9007199254740993')).toBeUndefined();
  });

  it('gives a safe whole number or nothing, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double().map(String)), (text) => {
        const value = parseWholeNumber(text);
        expect(value === undefined || (Number.isSafeInteger(value) && value >= 0)).toBe(true);
      }),
    );
  });
});
