import type { Expression } from '../ast.js';
import { MAX_DEPTH } from './expression-parser.js';
import { parse, parseMatchers } from './parser.js';
import { PromqlSyntaxError } from '../promql-syntax.error.js';

/** Formats the tree with square brackets around every operator and its operands, for tests of precedence. */
function shape(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return String(expression.value);
    case 'string':
      return JSON.stringify(expression.value);
    case 'parenthesis':
      return `(${shape(expression.expression)})`;
    case 'unary':
      return `[${expression.operator} ${shape(expression.expression)}]`;
    case 'binary':
      return `[${shape(expression.left)} ${expression.operator} ${shape(expression.right)}]`;
    case 'aggregate':
      return `${expression.aggregator}<${shape(expression.expression)}>`;
    case 'call':
      return `${expression.name}<${expression.arguments.map(shape).join(', ')}>`;
    case 'selector':
      return `${expression.name ?? ''}${expression.offsetMs === 0 ? '' : `~${expression.offsetMs}`}`;
    case 'range':
      return `${shape(expression.selector)}#${expression.rangeMs}`;
    case 'subquery': {
      const { rangeMs, stepMs, offsetMs } = expression;
      return `${shape(expression.expression)}#${rangeMs}:${stepMs ?? ''}${offsetMs === 0 ? '' : `~${offsetMs}`}`;
    }
  }
}

function errorOf(query: string): string {
  try {
    parse(query);
  } catch (error) {
    if (error instanceof PromqlSyntaxError) return error.message;
    throw error;
  }
  throw new Error(`${query} was taken`);
}

describe('parse', () => {
  it.each([
    ['1 + 2 * 3', '[1 + [2 * 3]]'],
    ['1 - 2 - 3', '[[1 - 2] - 3]'],
    ['2 ^ 3 ^ 2', '[2 ^ [3 ^ 2]]'],
    ['2 * 3 % 4 atan2 5', '[[[2 * 3] % 4] atan2 5]'],
    ['a or b and c unless d', '[a or [[b and c] unless d]]'],
    ['a > b == c + d', '[[a > b] == [c + d]]'],
    ['-1 ^ 2', '[- [1 ^ 2]]'],
    ['2 ^ -1 ^ 2', '[2 ^ [- [1 ^ 2]]]'],
    ['2 ^ -1 * 3', '[[2 ^ -1] * 3]'],
    ['-a * b', '[[- a] * b]'],
    ['- -1', '1'],
    ['-+a', '[- [+ a]]'],
    ['a - a offset 1w', '[a - a~604800000]'],
    ['a + b offset 5m * c', '[a + [b~300000 * c]]'],
    ['a offset -5m ^ 2', '[a~-300000 ^ 2]'],
    ['rate(a[5m] offset 1m)', 'rate<a~60000#300000>'],
    ['max_over_time((a + b)[1h:5m] offset 1m)', 'max_over_time<([a + b])#3600000:300000~60000>'],
    ['sum by (x) (a) + sum(b) by (x)', '[sum<a> + sum<b>]'],
    ['SUM(a) OR min(b)', '[sum<a> or min<b>]'],
    ['5m + 1h', '[300 + 3600]'],
    ['a offset 300', 'a~300000'],
    ['rate(a[1.5])', 'rate<a#1500>'],
    ['sum + by + offset + start', '[[[sum + by] + offset] + start]'],
    ['sum(sum)', 'sum<sum>'],
    ['fill + fill', '[fill + fill]'],
    ['a # comment\n + b', '[a + b]'],
  ])('binds %s as %s', (query, expected) => {
    expect(shape(parse(query))).toBe(expected);
  });

  it('keeps the position of every part', () => {
    const binary = parse(' foo{a="b"} offset 1m + sum(bar) by (x) ');
    expect(binary.position).toEqual({ start: 1, end: 39 });
    expect(binary).toMatchObject({
      left: { position: { start: 1, end: 21 } },
      right: { position: { start: 24, end: 39 }, expression: { position: { start: 28, end: 31 } } },
    });
    expect(parse('rate((a)[5m:1m] @ end())')).toMatchObject({ arguments: [{ position: { start: 5, end: 23 } }] });
  });

  it('reads a selector with its matchers, the name last', () => {
    expect(parse(`foo{a="1", b!='2', "c.d"=~"x|y", e!~\`z\`,}`)).toMatchObject({
      name: 'foo',
      matchers: [
        { label: 'a', operator: '=', value: '1' },
        { label: 'b', operator: '!=', value: '2' },
        { label: 'c.d', operator: '=~', value: 'x|y' },
        { label: 'e', operator: '!~', value: 'z' },
        { label: '__name__', operator: '=', value: 'foo' },
      ],
    });
    expect(parse('{"my.metric", a="b"}')).toMatchObject({
      name: null,
      matchers: [
        { label: '__name__', operator: '=', value: 'my.metric' },
        { label: 'a', operator: '=', value: 'b' },
      ],
    });
  });

  it.each([
    ['a @ 1609746000.1234', { timestampMs: 1_609_746_000_123 }],
    ['a @ -1.5', { timestampMs: -1500 }],
    ['a @ start()', 'start'],
    ['a @ END ( )', 'end'],
    ['a @ 5 offset 1m', { timestampMs: 5000 }],
    ['a offset 1m @ 5', { timestampMs: 5000 }],
  ])('reads the time of %s', (query, at) => {
    expect(parse(query)).toMatchObject({ at });
  });

  it('reads how the sides match', () => {
    expect(parse('a * on (x, "y z") group_left (by,) b')).toMatchObject({
      matching: { cardinality: 'many-to-one', isOn: true, labels: ['x', 'y z'], include: ['by'] },
    });
    expect(parse('a * ignoring () group_right b')).toMatchObject({
      matching: { cardinality: 'one-to-many', isOn: false, labels: [], include: [] },
    });
    expect(parse('a > bool b')).toMatchObject({ returnsBool: true, matching: { cardinality: 'one-to-one' } });
    expect(parse('a and on (x) b')).toMatchObject({ matching: { cardinality: 'many-to-many', isOn: true } });
    expect(parse('a > 1')).toMatchObject({ matching: null });
  });

  it.each([
    ['', 'unknown position: parse error: no expression found in input'],
    [' # nothing', '1:1: parse error: no expression found in input'],
    ['1 +', '1:4: parse error: unexpected end of input'],
    ['a b', '1:3: parse error: unexpected identifier "b"'],
    ['a\n+ ä', "2:3: parse error: unexpected character: 'ä'"],
    ['{a="ä"} b', '1:10: parse error: unexpected identifier "b"'],
    ['sum(a b)', '1:7: parse error: unexpected identifier "b" in aggregation'],
    ['sum by x (a)', '1:8: parse error: unexpected identifier "x" in grouping opts, expected "("'],
    ['sum by (1) (a)', '1:9: parse error: unexpected number "1" in grouping opts, expected label'],
    ['sum by (x y) (a)', '1:11: parse error: unexpected identifier "y" in grouping opts, expected "," or ")"'],
    ['sum by ("") (a)', '1:9: parse error: invalid label name for grouping: ""'],
    ['sum()', '1:1: parse error: no arguments for aggregate expression provided'],
    ['topk(a)', '1:1: parse error: wrong number of arguments for aggregate expression provided, expected 2, got 1'],
    ['abs(a,)', '1:6: parse error: trailing commas not allowed in function call args'],
    ['RATE(a[5m])', '1:1: parse error: unknown function with name "RATE"'],
    ['a{b}', '1:4: parse error: unexpected "}" in label matching, expected label matching operator'],
    ['a{b=c}', '1:5: parse error: unexpected identifier "c" in label matching, expected string'],
    ['a{,}', '1:3: parse error: unexpected "," in label matching, expected identifier or "}"'],
    ['a{b="c" d}', '1:9: parse error: unexpected identifier "d" in label matching, expected "," or "}"'],
    ['a{b=~"("}', '1:3: parse error: error parsing regexp: missing closing ): `(`'],
    ['a * group_left b', '1:5: parse error: unexpected <group_left>'],
    ['a * on (x) group_left * b', '1:23: parse error: unexpected <op:*> in grouping opts, expected "("'],
    ['a offset', '1:9: parse error: unexpected end of input in offset, expected number, duration, step(), or range()'],
    ['a offset 1m offset 2m', '1:1: parse error: offset may not be set multiple times'],
    [
      '1 offset 1m',
      '1:1: parse error: offset modifier must be preceded by an instant vector selector or range vector selector or a subquery',
    ],
    ['a @ 1 @ 2', '1:1: parse error: @ <timestamp> may not be set multiple times'],
    ['a @ b', '1:5: parse error: unexpected identifier "b" in @, expected timestamp'],
    ['a @ NaN', '1:1: parse error: timestamp out of bounds for @ modifier: NaN'],
    ['a offset 1m[5m]', '1:12: parse error: no offset modifiers allowed before range'],
    ['a @ 1 [5m]', '1:7: parse error: no @ modifiers allowed before range'],
    ['(a)[5m]', '1:4: parse error: ranges only allowed for vector selectors'],
    ['a[0m]', '1:3: parse error: duration must be greater than 0'],
    ['a[1m5]', '1:3: parse error: bad number or duration syntax: "1m5"'],
    ['a[1m1h]', '1:3: parse error: not a valid duration string: "1m1h"'],
    ['a[5m', '1:5: parse error: unclosed left bracket'],
    [
      'a[]',
      '1:3: parse error: unexpected "]" in subquery or range selector, expected number, duration, step(), or range()',
    ],
    ['a[5m + 1m]', '1:3: parse error: experimental duration expression is not enabled'],
    ['a[1e12]', '1:3: parse error: duration out of range'],
    ['a[5m] anchored', '1:1: parse error: anchored modifier is experimental and not enabled'],
    ['a + fill (0) b', '1:1: parse error: binop fill modifiers are experimental and not enabled'],
    ['mad_over_time(a[5m])', '1:1: parse error: function "mad_over_time" is not enabled'],
    [
      'limitk(1, a)',
      '1:1: parse error: limitk() is experimental and must be enabled with --enable-feature=promql-experimental-functions',
    ],
    ['1e999', '1:1: parse error: error parsing number: strconv.ParseFloat: parsing "1e999": value out of range'],
    ['"abcdefghijklm" b', '1:17: parse error: unexpected identifier "b"'],
    ['a "abcdefghijklm"', '1:3: parse error: unexpected string "\\"abcdefghi"...'],
  ])('refuses %j', (query, message) => {
    expect(errorOf(query)).toBe(message);
  });

  it('accepts experimental functions if they are enabled', () => {
    const options = { hasExperimentalFunctions: true };
    expect(shape(parse('limitk(1, sort_by_label(a, "x")) + step()', options))).toBe(
      '[limitk<sort_by_label<a, "x">> + step<>]',
    );
  });

  it('refuses a query beyond the maximum length', () => {
    expect(() => parse('aaaa', { maxLength: 3 })).toThrow(
      'the query has 4 characters, the limit is 3: ask for less at once',
    );
    expect(() => parseMatchers('aaaa', { maxLength: 3 })).toThrow(PromqlSyntaxError);
    expect(() => parse('aaa', { maxLength: 3 })).not.toThrow();
  });

  it.each([
    ['parentheses', (levels: number) => `${'('.repeat(levels)}a${')'.repeat(levels)}`],
    ['calls', (levels: number) => `${'abs('.repeat(levels)}a${')'.repeat(levels)}`],
    ['signs', (levels: number) => `${'-'.repeat(levels)}a`],
    ['a chain to the left', (levels: number) => `a${' or a'.repeat(levels)}`],
    ['a chain to the right', (levels: number) => `${'2^'.repeat(levels)}2`],
  ])('limits the depth of %s', (_, nested) => {
    expect(() => parse(nested(MAX_DEPTH - 1))).not.toThrow();
    for (const levels of [MAX_DEPTH + 1, 10_000]) {
      expect(() => parse(nested(levels))).toThrow(`the expression is nested more than ${MAX_DEPTH} levels deep`);
    }
  });
});

describe('parseMatchers', () => {
  it('reads the matchers of a selector', () => {
    expect(parseMatchers('up{job=~"a.*"}')).toEqual([
      { label: 'job', operator: '=~', value: 'a.*' },
      { label: '__name__', operator: '=', value: 'up' },
    ]);
  });

  it.each([
    ['', 'unknown position: parse error: unexpected end of input'],
    ['up offset 5m', '1:4: parse error: unexpected <offset>'],
    ['up[5m]', '1:3: parse error: unexpected "["'],
    ['up + 1', '1:4: parse error: unexpected <op:+>'],
    ['1', '1:1: parse error: unexpected number "1"'],
    ['{}', 'match[] must contain at least one non-empty matcher'],
    ['{job=~".*",a!="b"}', 'match[] must contain at least one non-empty matcher'],
  ])('refuses %j', (text, message) => {
    expect(() => parseMatchers(text)).toThrow(new PromqlSyntaxError(message, text, null));
  });
});
