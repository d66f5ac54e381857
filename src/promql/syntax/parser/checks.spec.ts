import { typeOf } from './checks.js';
import { parse } from './parser.js';

const options = { hasExperimentalFunctions: true };

describe('checkExpression', () => {
  it.each([
    ['1 == 1', '1:3: parse error: comparisons between scalars must use BOOL modifier'],
    ['a + bool b', '1:3: parse error: bool modifier can only be used on comparison operators'],
    ['a and bool b', '1:3: parse error: bool modifier can only be used on comparison operators'],
    ['a and 1', '1:1: parse error: set operator "and" not allowed in binary scalar expression'],
    ['1 or on (x) a', '1:1: parse error: vector matching only allowed between instant vectors'],
    ['a and on (x) group_left b', '1:1: parse error: no grouping allowed for "and" operation'],
    ['a * on (x, y) group_left (y) b', '1:3: parse error: label "y" must not occur in ON and GROUP clause at once'],
    ['"x" + 1', '1:1: parse error: binary expression must contain only scalar and instant vector types'],
    ['1 + a[5m]', '1:5: parse error: binary expression must contain only scalar and instant vector types'],
    [
      '-a[5m]',
      '1:1: parse error: unary expression only allowed on expressions of type scalar or instant vector, got "range vector"',
    ],
    ['sum(a[5m])', '1:5: parse error: expected type instant vector in aggregation expression, got range vector'],
    ['sum(1)', '1:5: parse error: expected type instant vector in aggregation expression, got scalar'],
    ['topk(a, b)', '1:6: parse error: expected type scalar in aggregation parameter, got instant vector'],
    ['count_values(1, a)', '1:14: parse error: expected type string in aggregation parameter, got scalar'],
    ['rate(a)', '1:6: parse error: expected type range vector in call to function "rate", got instant vector'],
    ['abs()', '1:1: parse error: expected 1 argument(s) in call to "abs", got 0'],
    ['abs(a, b)', '1:1: parse error: expected 1 argument(s) in call to "abs", got 2'],
    ['round(a, 1, 2)', '1:1: parse error: expected at most 2 argument(s) in call to "round", got 3'],
    ['label_join(a, "x")', '1:1: parse error: expected at least 3 argument(s) in call to "label_join", got 2'],
    [
      'label_join(a, "x", ",", "y", 1)',
      '1:30: parse error: expected type string in call to function "label_join", got scalar',
    ],
    ['rate(a[5m])[5m:] + 1', '1:1: parse error: binary expression must contain only scalar and instant vector types'],
    ['rate(a[5m:][5m:])', '1:6: parse error: subquery is only allowed on instant vector, got matrix instead'],
    ['{}', '1:1: parse error: vector selector must contain at least one non-empty matcher'],
    ['{a=~".*"}', '1:1: parse error: vector selector must contain at least one non-empty matcher'],
    ['rate({a!="b"}[5m])', '1:6: parse error: vector selector must contain at least one non-empty matcher'],
    ['a{__name__="b"}', '1:1: parse error: metric name must not be set twice: "a" or "b"'],
    ['a{"b"}', '1:1: parse error: metric name must not be set twice: "a" or "b"'],
    ['info(a, b)', '1:9: parse error: expected label selectors only, got vector selector instead'],
    ['info(a, b + c)', '1:9: parse error: expected label selectors only'],
    ['info(a, 1)', '1:1: parse error: expected type instant vector in call to function "info", got scalar'],
  ])('refuses %s', (query, message) => {
    expect(() => parse(query, options)).toThrow(expect.objectContaining({ message, name: 'PromqlSyntaxError' }));
  });

  it.each([
    '1 == bool 1',
    'a == 1',
    'a + on () 1',
    'a > bool b',
    'label_join(a, "x", ",")',
    'hour()',
    'hour(a)',
    'round(a, 5)',
    'info(a, {})',
    'info(a, {x=~".*"})',
    '{a=~".+"}',
    'a{b=""}',
    '-(1)',
    'quantile(scalar(a), b)',
    'histogram_quantiles(a, "q", 0.5, 0.9)',
  ])('accepts %s', (query) => {
    expect(() => parse(query, options)).not.toThrow();
  });

  it('reports the first error in the text, and syntax errors before type errors', () => {
    expect(() => parse('abs(1) + abs("x")')).toThrow('1:5: parse error: expected type instant vector');
    expect(() => parse('abs(1) +')).toThrow('1:9: parse error: unexpected end of input');
  });
});

describe('typeOf', () => {
  it.each([
    ['1', 'scalar'],
    ['"x"', 'string'],
    ['(1 + -2)', 'scalar'],
    ['a + 1', 'vector'],
    ['scalar(a) ^ time()', 'scalar'],
    ['sum(a)', 'vector'],
    ['a[5m]', 'matrix'],
    ['a[5m:]', 'matrix'],
  ])('of %s is %s', (query, type) => {
    expect(typeOf(parse(query))).toBe(type);
  });

  it('checks forty thousand labels on both sides only once each', () => {
    const names = (prefix: string) => Array.from({ length: 40_000 }, (_, index) => `${prefix}${index}`).join(',');
    const query = `a * on (${names('x')}) group_left (${names('y')}) b`;
    // If a list were searched for each label, this would take more than a billion comparisons.
    const { user: before } = process.cpuUsage();
    expect(parse(query, { ...options, maxLength: 1e6 }).kind).toBe('binary');
    expect((process.cpuUsage().user - before) / 1_000).toBeLessThan(1_500);
  });
});
