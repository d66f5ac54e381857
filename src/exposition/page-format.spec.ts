import fc from 'fast-check';
import { formatHeader, formatSample, formatValue, openMetricsFamily } from './page-format.js';

const free = () => false;
const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('\\', '"', '\n', 'n', ' ', '#') }));

describe('formatValue', () => {
  it('writes a text that is the same double', () => {
    fc.assert(
      fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (value) => {
        // −0 is written as 0, which is equal.
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
});

describe('formatHeader', () => {
  it.each(['text', 'openmetrics'] as const)('keeps any help on its line and loses nothing of it, in %s', (format) => {
    fc.assert(
      fc.property(text, (help) => {
        const header = formatHeader({ name: 'm', type: 'gauge', help }, format, free);
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

  it('calls a counter by its whole name in the text format, and by its family in OpenMetrics', () => {
    const header = { name: 'jobs_total', type: 'counter', help: 'Jobs' } as const;
    expect(formatHeader(header, 'text', free)).toBe('# HELP jobs_total Jobs\n# TYPE jobs_total counter\n');
    expect(formatHeader(header, 'openmetrics', free)).toBe('# TYPE jobs counter\n# HELP jobs Jobs\n');
  });

  it('says a unit where it is the end of the name, as OpenMetrics demands, and nowhere else', () => {
    const withUnit = (name: string, unit: string) =>
      formatHeader({ name, type: 'counter', help: 'h', unit }, 'openmetrics', free);
    expect(withUnit('cpu_seconds_total', 'seconds')).toContain('# UNIT cpu_seconds seconds\n');
    expect(withUnit('cpu_total', 'seconds')).not.toContain('UNIT');
    expect(withUnit('cpu_total', 'a\nb')).not.toContain('UNIT');
    expect(formatHeader({ name: 'a_s', type: 'gauge', help: 'h', unit: 's' }, 'text', free)).not.toContain('UNIT');
  });

  it('says untyped in the text format and unknown in OpenMetrics', () => {
    expect(formatHeader({ name: 'm', type: 'unknown', help: '' }, 'text', free)).toContain('# TYPE m untyped\n');
    expect(formatHeader({ name: 'm', type: 'unknown', help: '' }, 'openmetrics', free)).toContain('# TYPE m unknown\n');
  });
});

describe('openMetricsFamily', () => {
  const taken = new Set(['taken']);

  it.each([
    ['jobs_total', 'counter', { name: 'jobs', type: 'counter' }],
    ['jobs', 'counter', { name: 'jobs', type: 'unknown' }],
    ['jobs_count', 'counter', { name: 'jobs_count', type: 'unknown' }],
    ['_total', 'counter', { name: '_total', type: 'unknown' }],
    ['taken_total', 'counter', { name: 'taken_total', type: 'unknown' }],
    ['jobs_total', 'gauge', { name: 'jobs_total', type: 'gauge' }],
    ['seconds', 'histogram', { name: 'seconds', type: 'histogram' }],
  ] as const)('%s, a %s', (name, type, expected) => {
    expect(openMetricsFamily({ name, type, help: '' }, (each) => taken.has(each))).toEqual(expected);
  });
});
