import fc from 'fast-check';
import { formatChange, formatFull, formatNumber, formatTicks } from './number.js';

describe('a short number', () => {
  it.each<[number | null, string | null, string]>([
    [null, null, '–'],
    [0, null, '0'],
    [-0, null, '0'],
    [312, null, '312'],
    [1234, null, '1,234'],
    [12_345, null, '12,345'],
    [99_999, null, '99,999'],
    [123_456, null, '123 k'],
    [999_999, null, '1 M'],
    [1_440_000, null, '1.44 M'],
    [2_500_000_000, null, '2.5 bn'],
    [-1_440_000, null, '−1.44 M'],
    [0.12345, null, '0.123'],
    [1234.56, null, '1,235'],
    [12_345.6, null, '12,346'],
    [0.000012345, null, '1.23e−5'],
    [1e300, null, '1e288 tn'],
    [Number.NaN, null, 'NaN'],
    [Number.POSITIVE_INFINITY, null, '+∞'],
    [Number.NEGATIVE_INFINITY, 'bytes', '−∞'],
    [0.0012, 'seconds', '1.2 ms'],
    [10_800, 'seconds', '3 h'],
    [59.99, 'seconds', '1 min'],
    [0, 'seconds', '0 s'],
    [5, 'seconds', '5 s'],
    [1500, 'ms', '1.5 s'],
    [90, 'minutes', '1.5 h'],
    [1536, 'bytes', '1.5 KiB'],
    [5, 'By', '5 B'],
    [1023.9, 'bytes', '1,024 B'],
    [0.421, 'ratio', '42.1%'],
    [0, 'ratio', '0%'],
    [1, 'ratio', '100%'],
    [42.1, 'percent', '42.1%'],
    [1_440_000, 'eur', '1.44 M eur'],
    [3, '{request}', '3 request'],
    [3, '1', '3'],
    [3, '', '3'],
    [3, 'x'.repeat(10_000), `3 ${'x'.repeat(16)}…`],
  ])('%s %s is written as %s', (value, unit, text) => {
    expect(formatNumber(value, unit)).toBe(text);
  });

  const units = fc.constantFrom(null, 'seconds', 'ms', 'bytes', 'ratio', 'percent', 'eur', 'constructor', '__proto__');

  it('is short, whatever the value and the unit are', () => {
    fc.assert(
      fc.property(fc.double(), fc.oneof(units, fc.string()), (value, unit) => {
        expect(formatNumber(value, unit).length).toBeLessThanOrEqual(34);
      }),
    );
  });

  it('is within half a percent of the value', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e14, max: 1e14 }), (value) => {
        const text = formatNumber(value).replaceAll(',', '').replaceAll('−', '-');
        const [number = '', step = ''] = text.split(' ');
        const size = { '': 1, k: 1e3, M: 1e6, bn: 1e9, tn: 1e12 }[step]!;
        expect(Math.abs(Number(number) * size - value)).toBeLessThanOrEqual(Math.abs(value) * 0.005 + 1e-300);
      }),
    );
  });

  it('keeps every whole number that people count in', () => {
    fc.assert(
      fc.property(fc.integer({ min: -99_999, max: 99_999 }), (value) => {
        expect(Number(formatNumber(value).replaceAll(',', '').replace('−', '-'))).toBe(value);
      }),
    );
  });
});

describe('a full number', () => {
  it.each<[number | null, string | null, string]>([
    [null, null, '–'],
    [1_234_567.891, 'eur', '1,234,567.891 eur'],
    [2 ** 53, null, '9,007,199,254,740,992'],
    [2 ** 60, null, '≈ 1,152,921,504,606,847,000'],
    [1e-300, null, '1e-300'],
    [-0.5, 'ratio', '−0.5 ratio'],
  ])('%s %s is written as %s', (value, unit, text) => {
    expect(formatFull(value, unit)).toBe(text);
  });

  it('has every digit', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = formatFull(value).replace('≈ ', '').replaceAll(',', '').replace('−', '-');
        expect(Number(text)).toBe(value === 0 ? 0 : value);
      }),
    );
  });
});

describe('the labels of an axis', () => {
  it.each<[number[], string | null, string[]]>([
    [[0, 1, 2, 3], null, ['0', '1', '2', '3']],
    [[0, 0.5, 1], null, ['0', '0.5', '1']],
    [[0, 500, 1000, 1500], null, ['0', '500', '1,000', '1,500']],
    [[0, 5_000, 10_000], null, ['0', '5 k', '10 k']],
    [[1_000_000, 1_000_001, 1_000_002], null, ['1 M', '1.000001 M', '1.000002 M']],
    [[0, 0.001, 0.002], 'seconds', ['0', '1 ms', '2 ms']],
    [[0, 0.25, 0.5], 'ratio', ['0%', '25%', '50%']],
    [[0], null, ['0']],
    [[], null, []],
  ])('%j %s are %j', (values, unit, labels) => {
    expect(formatTicks(values, unit)).toEqual(labels);
  });

  it('never repeats one', () => {
    const values = fc.uniqueArray(fc.double({ noNaN: true, noDefaultInfinity: true }), {
      maxLength: 12,
      // Adding 0 turns −0 into 0, which looks the same.
      selector: (value) => value + 0,
    });
    const steps = fc
      .tuple(fc.double({ noNaN: true, min: -1e12, max: 1e12 }), fc.double({ noNaN: true, min: 1e-6, max: 1e9 }))
      .map(([start, step]) => [...new Set([0, 1, 2, 3, 4].map((count) => start + count * step))]);
    const units = fc.constantFrom(null, 'seconds', 'bytes', 'ratio', 'eur');
    fc.assert(
      fc.property(fc.oneof(values, steps), units, (values, unit) => {
        const labels = formatTicks(values, unit);
        expect(new Set(labels).size).toBe(values.length);
      }),
    );
  });
});

describe('a change', () => {
  it.each<[number | null, number | null, string | null]>([
    [112, 100, '+12%'],
    [97, 100, '−3%'],
    [100, 100, '±0%'],
    [1, 0, null],
    [null, 100, null],
    [1, null, null],
    [0.5, -0.5, '+200%'],
    [5000, 10, '×500'],
    [Number.POSITIVE_INFINITY, 1, null],
  ])('from %s after %s is %s', (now, before, text) => {
    expect(formatChange(now, before)).toBe(text);
  });
});
