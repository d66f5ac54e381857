import fc from 'fast-check';

import { messageText, parseGoFloat, plainText, sampleText } from './go-number.js';

describe('a number as text', () => {
  it('is the shortest text in an answer, with at least two digits of exponent', () => {
    expect([0, -0, 1.5, 1e-7, 1e-6, 123e18, 1e21, 5e-324, NaN, Infinity, -Infinity].map(sampleText)).toEqual([
      '0',
      '-0',
      '1.5',
      '1e-07',
      '0.000001',
      '123000000000000000000',
      '1e+21',
      '5e-324',
      'NaN',
      '+Inf',
      '-Inf',
    ]);
  });

  it('has no exponent as a label of count_values', () => {
    expect([1e21, -1.25e22, 1.5e-7, -0, 12].map(plainText)).toEqual([
      '1000000000000000000000',
      '-12500000000000000000000',
      '0.00000015',
      '-0',
      '12',
    ]);
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(plainText(value)).not.toMatch(/e/);
        expect(Number(plainText(value))).toBe(value);
      }),
    );
  });

  it('is formatted like %g in a message', () => {
    expect([1.1, -0.1, 100000, 1e6, 1234567, 0.0001, 0.00001, 0].map((value) => messageText(value))).toEqual([
      '1.1',
      '-0.1',
      '100000',
      '1e+06',
      '1.234567e+06',
      '0.0001',
      '1e-05',
      '0',
    ]);
    expect([100, 0.256, 5, 10].map((value) => messageText(value, 2))).toEqual(['1e+02', '0.26', '5', '10']);
  });
});

describe('the bound of a bucket', () => {
  it('accepts any number that Go reads', () => {
    expect(['0.5', '+Inf', 'inf', '-Inf', '1e3', '.5', '5.', 'Infinity'].map(parseGoFloat)).toEqual([
      0.5,
      Infinity,
      Infinity,
      -Infinity,
      1000,
      0.5,
      5,
      Infinity,
    ]);
    expect(['', ' 1', '1s', 'abc', '0x', '--1'].map(parseGoFloat)).toEqual([null, null, null, null, null, null]);
  });
});
