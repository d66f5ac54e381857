import fc from 'fast-check';
import { escapeLabelName, escapeMetricName, ESCAPING_SCHEMES, unescapeName } from './escaped-name.js';
import { isLabelName, isMetricName } from './name.js';

/** Generates names of any characters, with many that some scheme treats in a special way. */
const name = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1 }),
  fc.string({ unit: fc.constantFrom('_', '.', ':', 'a', '0', 'U', '_2e_', '__', 'é', '🚀', '"', '\n'), minLength: 1 }),
);

describe('unescapeName', () => {
  it.each([
    ['job', 'job'],
    ['U__http_2e_status', 'http.status'],
    ['U__http_2E_status', 'http.status'],
    ['U__a__b', 'a_b'],
    ['U__', ''],
    ['U__a_zz_', 'U__a_zz_'],
    ['U__a_', 'U__a_'],
    ['U__a_2e', 'U__a_2e'],
    ['U__a_d800_', 'U__a_d800_'],
    ['U__a_110000_', 'U__a_110000_'],
  ])('makes %s %s', (given, expected) => {
    expect(unescapeName(given)).toBe(expected);
  });

  it('returns any metric and label name that was escaped by its values', () => {
    fc.assert(
      fc.property(name, (given) => {
        // A legal name is not escaped, so it must not look like an escaped one.
        if (isMetricName(given)) expect(escapeMetricName(given, 'values')).toBe(given);
        else expect(unescapeName(escapeMetricName(given, 'values'))).toBe(given);
        if (!isLabelName(given)) expect(unescapeName(escapeLabelName(given, 'values'))).toBe(given);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe.each(ESCAPING_SCHEMES.filter((scheme) => scheme !== 'allow-utf-8'))('the scheme %s', (scheme) => {
  it('makes any name legal, and changes no legal one', () => {
    fc.assert(
      fc.property(name, (given) => {
        expect(isMetricName(escapeMetricName(given, scheme))).toBe(true);
        expect(isLabelName(escapeLabelName(given, scheme))).toBe(true);
        if (isMetricName(given)) expect(escapeMetricName(given, scheme)).toBe(given);
        if (isLabelName(given)) expect(escapeLabelName(given, scheme)).toBe(given);
      }),
    );
  });
});

// The expected texts of the schemes are those of Prometheus' documentation and its library for Go.
it.each([
  [
    'metric.name/with/slashes',
    'metric_name_with_slashes',
    'metric_dot_name__with__slashes',
    'U__metric_2e_name_2f_with_2f_slashes',
  ],
  [
    'metric.name.with.dots',
    'metric_name_with_dots',
    'metric_dot_name_dot_with_dot_dots',
    'U__metric_2e_name_2e_with_2e_dots',
  ],
  ['no:escaping_required', 'no:escaping_required', 'no:escaping_required', 'no:escaping_required'],
  [
    'mysystem.prod.west.cpu.load_total',
    'mysystem_prod_west_cpu_load_total',
    'mysystem_dot_prod_dot_west_dot_cpu_dot_load__total',
    'U__mysystem_2e_prod_2e_west_2e_cpu_2e_load__total',
  ],
  ['http.status:sum', 'http_status:sum', 'http_dot_status:sum', 'U__http_2e_status:sum'],
  ['label with 😱', 'label_with__', 'label__with____', 'U__label_20_with_20__1f631_'],
  ['花火', '__', '____', 'U___82b1__706b_'],
  ['1st', '_st', '__st', 'U___31_st'],
])('%s becomes %s, %s and %s', (given, underscores, dots, values) => {
  expect(escapeMetricName(given, 'underscores')).toBe(underscores);
  expect(escapeMetricName(given, 'dots')).toBe(dots);
  expect(escapeMetricName(given, 'values')).toBe(values);
  expect(escapeMetricName(given, 'allow-utf-8')).toBe(given);
});

it('replaces a colon in the name of a label, which may not have one', () => {
  expect(escapeMetricName('a:b', 'underscores')).toBe('a:b');
  expect(escapeLabelName('a:b', 'underscores')).toBe('a_b');
  expect(escapeLabelName('a:b', 'values')).toBe('U__a_3a_b');
});
