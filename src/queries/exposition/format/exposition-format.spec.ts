import fc from 'fast-check';
import { formatHeader, formatSample, formatValue, metricNameToText } from './exposition-format.js';

const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('\\', '"', '\n', 'n', ' ', '#') }));

describe('formatValue', () => {
  it('writes a text that reads back as the same double', () => {
    fc.assert(
      fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (value) => {
        // −0 is written as 0, and the two are equal.
        expect(Number(formatValue(value)) === value).toBe(true);
        expect(formatValue(value)).toMatch(/^-?\d+(?:\.\d+)?(?:e[-+]\d+)?$/);
      }),
    );
  });

  it.each([
    [Infinity, '+Inf'],
    [-Infinity, '-Inf'],
    [NaN, 'NaN'],
    [1e21, '1e+21'],
    [5e-324, '5e-324'],
    [-0, '0'],
  ])('writes %d as %s', (value, expected) => expect(formatValue(value)).toBe(expected));
});

describe('formatSample', () => {
  it('leaves out the braces when there are no labels', () => {
    expect(formatSample('up', '', 1)).toBe('up 1\n');
    expect(formatSample('up', 'a="b"', 1)).toBe('up{a="b"} 1\n');
  });

  it('writes a name in quotes between the braces', () => {
    expect(formatSample(metricNameToText('a.b'), '', 1)).toBe('{"a.b"} 1\n');
    expect(formatSample(metricNameToText('a"b'), '"c.d"="e"', 1)).toBe('{"a\\"b","c.d"="e"} 1\n');
  });
});

describe('formatHeader', () => {
  it.each(['text', 'openmetrics'] as const)('keeps any help on one line without losing any of it, in %s', (format) => {
    fc.assert(
      fc.property(text, (help) => {
        const header = formatHeader({ name: 'm', nameText: 'm', type: 'gauge', help }, format);
        const [line = '', ...others] = header.split('\n').filter((each) => each.startsWith('# HELP m '));
        expect(others).toEqual([]);
        expect(header.split('\n')).toHaveLength(3);
        const escaped = line.slice('# HELP m '.length);
        const unescaped = escaped.replaceAll(/\\(.)/g, (_, character: string) =>
          character === 'n' ? '\n' : character,
        );
        expect(unescaped).toBe(help);
        if (format === 'openmetrics') expect(escaped).toMatch(/^(?:[^"\\]|\\.)*$/);
      }),
    );
  });

  it('writes a unit only where the name ends with it, as OpenMetrics requires', () => {
    const withUnit = (name: string, unit: string) =>
      formatHeader({ name, nameText: name, type: 'counter', help: 'h', unit }, 'openmetrics');
    expect(withUnit('cpu_seconds', 'seconds')).toContain('# UNIT cpu_seconds seconds\n');
    expect(withUnit('cpu', 'seconds')).not.toContain('UNIT');
    expect(withUnit('cpu', 'a\nb')).not.toContain('UNIT');
    expect(withUnit('cpu_a\nb', 'a\nb')).not.toContain('UNIT');
    expect(formatHeader({ name: 'a_s', nameText: 'a_s', type: 'gauge', help: 'h', unit: 's' }, 'text')).not.toContain(
      'UNIT',
    );
  });

  it('writes untyped in the text format and unknown in OpenMetrics', () => {
    expect(formatHeader({ name: 'm', nameText: 'm', type: 'unknown', help: '' }, 'text')).toContain(
      '# TYPE m untyped\n',
    );
    expect(formatHeader({ name: 'm', nameText: 'm', type: 'unknown', help: '' }, 'openmetrics')).toContain(
      '# TYPE m unknown\n',
    );
  });
});
