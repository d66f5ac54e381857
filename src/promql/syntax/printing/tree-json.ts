import type { AtModifier, Expression, LabelMatcher, VectorMatching } from '../ast.js';
import { FUNCTIONS } from '../functions.js';
import { formatNumber } from '../lexer/number-literal.js';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * Converts the tree of an expression to the answer of Prometheus' `/api/v1/parse_query`, which its user interface shows as a
 * tree.
 *
 * Fields of experimental features that are not supported (`fillValues`, `offsetExpr`, `anchored` …) have the value that means
 * "not used".
 */
export function treeToJson(expression: Expression): Json {
  switch (expression.kind) {
    case 'number':
      return { type: 'numberLiteral', val: formatNumber(expression.value) };
    case 'string':
      return { type: 'stringLiteral', val: expression.value };
    case 'parenthesis':
      return { expr: treeToJson(expression.expression), type: 'parenExpr' };
    case 'unary':
      return { expr: treeToJson(expression.expression), op: expression.operator, type: 'unaryExpr' };
    case 'binary':
      return {
        bool: expression.returnsBool,
        lhs: treeToJson(expression.left),
        matching: expression.matching === null ? null : matchingToJson(expression.matching),
        op: expression.operator,
        rhs: treeToJson(expression.right),
        type: 'binaryExpr',
      };
    case 'aggregate':
      return {
        expr: treeToJson(expression.expression),
        grouping: expression.grouping,
        op: expression.aggregator,
        param: expression.parameter === null ? null : treeToJson(expression.parameter),
        type: 'aggregation',
        without: expression.isWithout,
      };
    case 'call':
      return {
        args: expression.arguments.map(treeToJson),
        func: functionToJson(expression.name),
        type: 'call',
      };
    case 'selector':
      return {
        ...EXTENSIONS_OFF,
        matchers: expression.matchers.map(matcherToJson),
        name: expression.name ?? '',
        ...shiftToJson(expression),
        type: 'vectorSelector',
      };
    case 'range': {
      const { selector, rangeMs } = expression;
      return {
        ...EXTENSIONS_OFF,
        matchers: selector.matchers.map(matcherToJson),
        name: selector.name ?? '',
        range: rangeMs,
        rangeExpr: null,
        ...shiftToJson(selector),
        type: 'matrixSelector',
      };
    }
    case 'subquery':
      return {
        expr: treeToJson(expression.expression),
        range: expression.rangeMs,
        rangeExpr: null,
        ...shiftToJson(expression),
        step: expression.stepMs ?? 0,
        stepExpr: null,
        type: 'subquery',
      };
  }
}

const EXTENSIONS_OFF = { anchored: false, smoothed: false };

function matchingToJson({ cardinality, include, labels, isOn }: VectorMatching): Json {
  return { card: cardinality, fillValues: { lhs: null, rhs: null }, include, labels, on: isOn };
}

function functionToJson(name: string): Json {
  const signature = FUNCTIONS.get(name)!;
  const { argumentTypes, returnType, variadic } = signature;
  return { argTypes: argumentTypes, name, returnType, variadic };
}

function matcherToJson({ label, operator, value }: LabelMatcher): Json {
  return { name: label, type: operator, value };
}

function shiftToJson({ at, offsetMs }: { readonly at: AtModifier | null; readonly offsetMs: number }) {
  return {
    offset: offsetMs,
    offsetExpr: null,
    startOrEnd: typeof at === 'string' ? at : null,
    timestamp: at !== null && typeof at === 'object' ? at.timestampMs : null,
  };
}
