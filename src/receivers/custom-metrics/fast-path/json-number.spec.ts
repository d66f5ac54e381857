import fc from 'fast-check';
import { readJsonNumber } from './json-number.js';

function parsed(text: string): number {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'number' ? value : NaN;
  } catch {
    return NaN;
  }
}

function read(text: string): number {
  const bytes = Buffer.from(`xx${text}yy`);
  return readJsonNumber(bytes, 2, bytes.length - 2);
}

describe('readJsonNumber', () => {
  test.each([
    '0',
    '-0',
    '1',
    '-1.5',
    '0.1',
    '123456789012345',
    '9007199254740993',
    '1e3',
    '1E-7',
    '1e400',
    '0.30000000000000004',
  ])('reads %s as JSON.parse does', (text) => expect(read(text)).toBe(parsed(text)));

  test.each(['', '-', '.5', '5.', '01', '-01', '+1', '1e', '0x10', 'NaN', '1 2', '--1', '1.2.3', '1-'])(
    'takes %p for no number',
    (text) => expect(read(text)).toBeNaN(),
  );

  test('agrees with JSON.parse on every number that JavaScript can print', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = JSON.stringify(value);
        expect(read(text)).toBe(parsed(text));
      }),
      { numRuns: 2_000 },
    );
  });

  test('agrees with JSON.parse on texts of number characters', () => {
    const text = fc.string({ unit: fc.constantFrom(...'0123456789.-+eE'), minLength: 1, maxLength: 24 });
    fc.assert(
      fc.property(text, (each) => expect(read(each)).toBe(parsed(each))),
      { numRuns: 5_000 },
    );
  });
});
