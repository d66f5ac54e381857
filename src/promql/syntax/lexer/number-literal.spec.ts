import fc from 'fast-check';
import { formatNumber, parseNumber } from './number-literal.js';

describe('parseNumber', () => {
  it.each([
    ['1.', 1],
    ['.5', 0.5],
    ['1e3', 1000],
    ['0x1F', 31],
    ['0X_ff', 255],
    ['017', 15],
    ['08', 8],
    ['1_000.5', 1000.5],
    ['inf', Infinity],
    ['NaN', NaN],
    ['9223372036854775808', 9223372036854775808],
  ])('reads %s', (text, value) => {
    expect(parseNumber(text)).toEqual({ value });
  });

  it.each([
    ['1_', 'invalid syntax'],
    ['1__0', 'invalid syntax'],
    ['0x', 'invalid syntax'],
    ['0xffffffffffffffff', 'invalid syntax'],
    ['1e999', 'value out of range'],
  ])('refuses %s', (text, problem) => {
    expect(parseNumber(text)).toEqual({
      problem: `error parsing number: strconv.ParseFloat: parsing "${text}": ${problem}`,
    });
  });
});

describe('formatNumber', () => {
  it.each([
    [0, '0'],
    [-0, '-0'],
    [1e21, '1000000000000000000000'],
    [1.5e-7, '0.00000015'],
    [-123.456, '-123.456'],
    [Infinity, '+Inf'],
    [-Infinity, '-Inf'],
    [NaN, 'NaN'],
  ])('writes %s as %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it('writes a text that is read back as the same number', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(parseNumber(formatNumber(value))).toEqual({ value });
      }),
    );
  });
});
