/**
 * The tree of a PromQL expression, as Prometheus' own parser builds it. Postfix modifiers belong to their selector or subquery,
 * and a unary minus before a number literal is part of the number.
 *
 * Times and durations are in milliseconds.
 */
export type Expression =
  | NumberLiteral
  | StringLiteral
  | ParenthesisExpression
  | UnaryExpression
  | BinaryExpression
  | AggregateExpression
  | FunctionCall
  | VectorSelector
  | MatrixSelector
  | SubqueryExpression;

export type ValueType = 'scalar' | 'vector' | 'matrix' | 'string';

/** A position, as offsets into the text of the query, in UTF-16 units. `end` is exclusive. */
export interface Position {
  readonly start: number;
  readonly end: number;
}

interface Node {
  readonly position: Position;
}

export interface NumberLiteral extends Node {
  readonly kind: 'number';
  readonly value: number;
  /** True if the number was written as a duration (`5m` = 300). The printer writes it as a duration again. */
  readonly isDuration: boolean;
}

export interface StringLiteral extends Node {
  readonly kind: 'string';
  readonly value: string;
}

export interface ParenthesisExpression extends Node {
  readonly kind: 'parenthesis';
  readonly expression: Expression;
}

export interface UnaryExpression extends Node {
  readonly kind: 'unary';
  readonly operator: '+' | '-';
  readonly expression: Expression;
}

export const ARITHMETIC_OPERATORS = ['+', '-', '*', '/', '%', '^', 'atan2'] as const;
export const COMPARISON_OPERATORS = ['==', '!=', '<=', '<', '>=', '>'] as const;
export const SET_OPERATORS = ['and', 'or', 'unless'] as const;

export type ArithmeticOperator = (typeof ARITHMETIC_OPERATORS)[number];
export type ComparisonOperator = (typeof COMPARISON_OPERATORS)[number];
export type SetOperator = (typeof SET_OPERATORS)[number];
export type BinaryOperator = ArithmeticOperator | ComparisonOperator | SetOperator;

export type Cardinality = 'one-to-one' | 'many-to-one' | 'one-to-many' | 'many-to-many';

/** The rules by which the series on the two sides of a binary operator are matched. */
export interface VectorMatching {
  readonly cardinality: Cardinality;
  /** True for `on(labels)`, false for `ignoring(labels)` and if neither was written. */
  readonly isOn: boolean;
  readonly labels: readonly string[];
  /** Labels that `group_left(…)` or `group_right(…)` copies from the "one" side. */
  readonly include: readonly string[];
}

export interface BinaryExpression extends Node {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
  /** True if a comparison returns 0 or 1 instead of filtering. */
  readonly returnsBool: boolean;
  /** The matching of the two sides; null if one of them is a scalar. */
  readonly matching: VectorMatching | null;
}

export const AGGREGATORS = [
  'sum',
  'avg',
  'count',
  'min',
  'max',
  'group',
  'stddev',
  'stdvar',
  'topk',
  'bottomk',
  'count_values',
  'quantile',
  'limitk',
  'limit_ratio',
] as const;

export type Aggregator = (typeof AGGREGATORS)[number];

export interface AggregateExpression extends Node {
  readonly kind: 'aggregate';
  readonly aggregator: Aggregator;
  readonly expression: Expression;
  /** The parameter of topk, bottomk, limitk, limit_ratio, quantile (scalar) and count_values (string). */
  readonly parameter: Expression | null;
  readonly grouping: readonly string[];
  /** True for `without(grouping)`, false for `by(grouping)` and if neither was written. */
  readonly isWithout: boolean;
}

export interface FunctionCall extends Node {
  readonly kind: 'call';
  readonly name: string;
  readonly arguments: readonly Expression[];
}

export type MatchOperator = '=' | '!=' | '=~' | '!~';

export interface LabelMatcher {
  readonly label: string;
  readonly operator: MatchOperator;
  /** The value, which is a regular expression for `=~` and `!~` (RE2, anchored at both ends, the dot matches newlines). */
  readonly value: string;
}

/** The `@` modifier: `@ 1609746000`, `@ start()` or `@ end()`. */
export type AtModifier = { readonly timestampMs: number } | 'start' | 'end';

interface TimeShift {
  /** The offset, as in `offset 5m`. A negative offset looks ahead. */
  readonly offsetMs: number;
  readonly at: AtModifier | null;
}

export interface VectorSelector extends Node, TimeShift {
  readonly kind: 'selector';
  /** The name before the braces, which is also one of the matchers, as `__name__`. */
  readonly name: string | null;
  readonly matchers: readonly LabelMatcher[];
}

export interface MatrixSelector extends Node {
  readonly kind: 'range';
  /** The selector, which carries the offset and the `@` of the whole expression. */
  readonly selector: VectorSelector;
  readonly rangeMs: number;
}

export interface SubqueryExpression extends Node, TimeShift {
  readonly kind: 'subquery';
  readonly expression: Expression;
  readonly rangeMs: number;
  /** The step; null for the server's default, which is one minute. */
  readonly stepMs: number | null;
}
