import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { propertyRuns } from '../../../test/support/property-runs.js';
import {
  AGGREGATORS,
  ARITHMETIC_OPERATORS,
  type AtModifier,
  type BinaryExpression,
  COMPARISON_OPERATORS,
  type Expression,
  type LabelMatcher,
  SET_OPERATORS,
  type VectorSelector,
} from './ast.js';
import { format } from './printing/format.js';
import { AGGREGATORS_WITH_PARAMETER, FUNCTIONS } from './functions.js';
import { parse, parseMatchers } from './parser/parser.js';
import { print } from './printing/printer.js';
import { PromqlSyntaxError } from './promql-syntax.error.js';
import { treeToJson } from './printing/tree-json.js';

/** Expressions of the public conformance tests, with their expected answers. */
const CASES_FILE = path.resolve(import.meta.dirname, '../../../../shared/conformance/promql-cases.json');

interface CaseGroup {
  readonly evals: readonly { readonly expr: string }[];
}

const options = { hasExperimentalFunctions: true };
const position = { start: 0, end: 0 };

/** Returns a tree without the parts that the text does not keep: positions, and the order of matchers. */
function comparable(tree: unknown): unknown {
  return JSON.parse(
    JSON.stringify(tree, (key, value: unknown) => {
      if (key === 'position') return undefined;
      if (key === 'matchers') return (value as LabelMatcher[]).map((matcher) => JSON.stringify(matcher)).toSorted();
      return typeof value === 'number' ? String(value) : value;
    }),
  );
}

const label = fc.oneof(fc.constantFrom('job', 'le', 'by', 'on', 'offset', 'a b', 'ä.😀'), fc.string({ minLength: 1 }));
const labels = fc.array(
  label.filter((text) => !text.includes('\ufffd')),
  { maxLength: 3 },
);
const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\ufffd'));
const durationMs = fc.oneof(
  fc.integer({ min: 1, max: 10_000 }),
  fc.integer({ min: 1, max: 40 }).map((n) => n * 86_400_000),
);
const offsetMs = fc.oneof(
  fc.constant(0),
  durationMs,
  durationMs.map((ms) => -ms),
);
const at: fc.Arbitrary<AtModifier | null> = fc.oneof(
  fc.constantFrom<AtModifier | null>(null, 'start', 'end'),
  fc.integer({ min: -1e12, max: 1e13 }).map((timestampMs) => ({ timestampMs })),
);

const matcher: fc.Arbitrary<LabelMatcher> = fc.oneof(
  fc.record({
    label: label.filter((name) => name !== '__name__' && !name.includes('\ufffd')),
    operator: fc.constantFrom('=' as const, '!=' as const),
    value: text,
  }),
  fc.record({
    label: fc.constant('job'),
    operator: fc.constantFrom('=~' as const, '!~' as const),
    value: fc.constantFrom('a|b', '.*', '(?i)x+', '\\d{2}', 'a"\\n'),
  }),
);

const selector: fc.Arbitrary<VectorSelector> = fc
  .record({
    name: fc.constantFrom('up', 'job:rate5m', 'sum', 'by', 'start', 'fill', null),
    matchers: fc.array(matcher, { maxLength: 3 }),
    offsetMs,
    at,
  })
  .map((parts) => {
    const nameMatcher = { label: '__name__', operator: '=', value: parts.name ?? 'a.metric' } as const;
    return { ...parts, kind: 'selector', position, matchers: [...parts.matchers, nameMatcher] };
  });

const number: fc.Arbitrary<Expression> = fc.oneof(
  fc
    .oneof(fc.double(), fc.constant(Infinity))
    .map((value): Expression => ({ kind: 'number', position, value, isDuration: false })),
  durationMs.map((ms): Expression => ({ kind: 'number', position, value: ms / 1000, isDuration: true })),
);

/** Generates powers whose base has no sign: `-1 ^ 2` would be read as `-(1 ^ 2)`. */
const power = fc
  .record({
    left: number.filter((side) => side.kind === 'number' && !(side.value < 0 || Object.is(side.value, -0))),
    right: number,
  })
  .map((sides): Expression => ({
    ...sides,
    kind: 'binary',
    position,
    operator: '^',
    returnsBool: false,
    matching: null,
  }));

function inParentheses(expression: Expression): Expression {
  return { kind: 'parenthesis', position, expression };
}

const matching = fc.record({ isOn: fc.boolean(), labels, include: labels });

/** Generates trees of the type instant vector. Operands are in parentheses, so that a text can express every tree. */
const { vector } = fc.letrec<{ vector: Expression; scalar: Expression }>((tie) => ({
  scalar: fc.oneof({ maxDepth: 4, withCrossShrink: true }, number, power, tie('scalar').map(inParentheses)),
  vector: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    selector,
    tie('vector').map(inParentheses),
    fc
      .record({ operator: fc.constantFrom('+' as const, '-' as const), expression: tie('vector').map(inParentheses) })
      .map((parts): Expression => ({ ...parts, kind: 'unary', position })),
    fc
      .record({
        left: tie('vector').map(inParentheses),
        right: tie('vector').map(inParentheses),
        operator: fc.constantFrom(...ARITHMETIC_OPERATORS, ...COMPARISON_OPERATORS, ...SET_OPERATORS),
        returnsBool: fc.boolean(),
        parts: matching,
        cardinality: fc.constantFrom('one-to-one' as const, 'many-to-one' as const, 'one-to-many' as const),
      })
      .map(({ parts, cardinality, returnsBool, ...rest }): BinaryExpression => {
        const isSet = SET_OPERATORS.some((operator) => operator === rest.operator);
        const isComparison = COMPARISON_OPERATORS.some((operator) => operator === rest.operator);
        const hasGroup = !isSet && cardinality !== 'one-to-one';
        const include = hasGroup ? parts.include.filter((name) => !parts.labels.includes(name)) : [];
        return {
          ...rest,
          kind: 'binary',
          position,
          returnsBool: isComparison && returnsBool,
          matching: { ...parts, include, cardinality: isSet ? 'many-to-many' : cardinality },
        };
      }),
    fc.record({ left: tie('vector').map(inParentheses), right: tie('scalar') }).map((sides): Expression => ({
      ...sides,
      kind: 'binary',
      position,
      operator: '*',
      returnsBool: false,
      matching: null,
    })),
    fc
      .record({
        aggregator: fc.constantFrom(...AGGREGATORS),
        expression: tie('vector'),
        scalar: tie('scalar'),
        grouping: labels,
        isWithout: fc.boolean(),
        value: text,
      })
      .map(({ scalar, value, ...rest }): Expression => {
        const string: Expression = { kind: 'string', position, value };
        const parameter = rest.aggregator === 'count_values' ? string : scalar;
        const hasParameter = AGGREGATORS_WITH_PARAMETER.has(rest.aggregator);
        return { ...rest, kind: 'aggregate', position, parameter: hasParameter ? parameter : null };
      }),
    fc.record({ selector, rangeMs: durationMs }).map((parts): Expression => ({
      kind: 'call',
      position,
      name: 'rate',
      arguments: [{ ...parts, kind: 'range', position }],
    })),
    fc
      .record({
        expression: tie('vector').map(inParentheses),
        rangeMs: durationMs,
        stepMs: fc.option(durationMs),
        offsetMs,
        at,
      })
      .map((parts): Expression => ({
        kind: 'call',
        position,
        name: 'max_over_time',
        arguments: [{ ...parts, kind: 'subquery', position }],
      })),
  ),
}));

describe('print and parse', () => {
  it('reproduce any tree', () => {
    fc.assert(
      fc.property(vector, (tree) => {
        const printed = print(tree);
        expect(comparable(parse(printed, options))).toEqual(comparable(tree));
        expect(print(parse(printed, options))).toBe(printed);
      }),
      { numRuns: 500 },
    );
  });

  it('reproduce any tree also from its formatted text', () => {
    fc.assert(
      fc.property(vector, (tree) => {
        expect(comparable(parse(format(tree), options))).toEqual(comparable(tree));
      }),
    );
  });
});

const PUNCTUATION = '( ) ( ) { } [ ] , = =~ !~ ! @ : . # \\ " \''.split(' ');
const KEYWORDS = 'by without on ignoring group_left group_right bool offset fill anchored'.split(' ');
const LITERALS = ['1', '5m', '1e3', '0x', '1_0', 'Inf', '1.5.', '"a"', '`b`', '"\\xff"', '"(("', '"a{1000}{1000}"'];
const ODDITIES = ['\ud800', '\ufffd', '\u0000', 'ä', ' ', '\n', '</', '[5m:', '__name__', 'a', 'a[5m]', 'a{b="c"}'];
const OPERATORS = [...ARITHMETIC_OPERATORS, ...COMPARISON_OPERATORS, ...SET_OPERATORS];
const NAMES = [...AGGREGATORS, ...FUNCTIONS.keys()];
const WORDS = [...NAMES, ...OPERATORS, ...PUNCTUATION, ...KEYWORDS, ...LITERALS, ...ODDITIES];

describe('any text', () => {
  const anyText = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(...WORDS), { maxLength: 30 }).map((words) => words.join(' ')),
    fc.array(fc.constantFrom(...WORDS), { maxLength: 30 }).map((words) => words.join('')),
    fc.tuple(vector.map(print), fc.nat(), fc.constantFrom('', ...WORDS)).map(([query, at, word]) => {
      const cut = at % (query.length + 1);
      return query.slice(0, cut) + word + query.slice(cut + 1);
    }),
  );

  it('gives an expression that can be printed and parsed again, or a PromqlSyntaxError', () => {
    fc.assert(
      fc.property(anyText, (query) => {
        let tree: Expression;
        try {
          tree = parse(query, options);
        } catch (error) {
          expect(error).toBeInstanceOf(PromqlSyntaxError);
          return;
        }
        const printed = print(tree);
        expect(print(parse(printed, options))).toBe(printed);
        expect(print(parse(format(tree), options))).toBe(printed);
        expect(() => JSON.stringify(treeToJson(tree))).not.toThrow();
      }),
      { numRuns: propertyRuns(2_000) },
    );
  });

  it('gives a list of matchers or a PromqlSyntaxError', () => {
    fc.assert(
      fc.property(anyText, (query) => {
        try {
          expect(parseMatchers(query)).not.toEqual([]);
        } catch (error) {
          expect(error).toBeInstanceOf(PromqlSyntaxError);
        }
      }),
    );
  });
});

const isThere = existsSync(CASES_FILE);
const groups = isThere ? (JSON.parse(readFileSync(CASES_FILE, 'utf8')) as CaseGroup[]) : [];
const describeCases = isThere ? describe : describe.skip;

describeCases(isThere ? 'public conformance cases' : `public conformance cases (skipped: no ${CASES_FILE})`, () => {
  const queries = [...new Set(groups.flatMap(({ evals }) => evals.map(({ expr }) => expr)))];

  it('can all be parsed: those that must fail do so in the evaluation', () => {
    expect(queries.length).toBeGreaterThan(100);
    for (const query of queries) expect(() => parse(query)).not.toThrow();
  });

  it('are printed as texts that do not change when parsed and printed again', () => {
    for (const query of queries) {
      const tree = parse(query);
      const printed = print(tree);
      expect(print(parse(printed))).toBe(printed);
      expect(comparable(parse(printed))).toEqual(comparable(tree));
      expect(format(parse(format(tree)))).toBe(format(tree));
    }
  });
});
