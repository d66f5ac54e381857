import {
  type AggregateExpression,
  type BinaryExpression,
  COMPARISON_OPERATORS,
  type Expression,
  type FunctionCall,
  type Position,
  SET_OPERATORS,
  type ValueType,
  type VectorMatching,
  type VectorSelector,
} from '../ast.js';
import { FUNCTIONS, type FunctionSignature } from '../functions.js';
import { compileMatcher } from '../matcher/matcher.js';
import { PromqlSyntaxError } from '../promql-syntax.error.js';
import { quoteString } from '../lexer/quoted-string.js';

const COMPARISONS: ReadonlySet<string> = new Set(COMPARISON_OPERATORS);
const SETS: ReadonlySet<string> = new Set(SET_OPERATORS);

/**
 * Checks the types and the rules of a tree that has just been parsed, and sets the matching of binary operators, which depends on
 * the types: null if a side is a scalar, and many-to-many for set operators.
 *
 * @param query the text that the tree was parsed from, for the positions in errors.
 * @throws PromqlSyntaxError for the first violation, in Prometheus' order and wording.
 */
export function checkExpression(expression: Expression, query: string): ValueType {
  return new TreeCheck(query).check(expression);
}

/** Returns the type of an expression that has been checked. */
export function typeOf(expression: Expression): ValueType {
  switch (expression.kind) {
    case 'number':
      return 'scalar';
    case 'string':
      return 'string';
    case 'parenthesis':
    case 'unary':
      return typeOf(expression.expression);
    case 'binary':
      return typeOf(expression.left) === 'scalar' && typeOf(expression.right) === 'scalar' ? 'scalar' : 'vector';
    case 'call':
      return FUNCTIONS.get(expression.name)?.returnType ?? 'vector';
    case 'aggregate':
    case 'selector':
      return 'vector';
    case 'range':
    case 'subquery':
      return 'matrix';
  }
}

/** Returns the name that Prometheus' documentation uses for a type. */
function documented(type: ValueType): string {
  if (type === 'vector') return 'instant vector';
  return type === 'matrix' ? 'range vector' : type;
}

class TreeCheck {
  constructor(private readonly query: string) {}

  check(expression: Expression): ValueType {
    switch (expression.kind) {
      case 'number':
        return 'scalar';
      case 'string':
        return 'string';
      case 'parenthesis':
        return this.check(expression.expression);
      case 'unary': {
        const type = this.check(expression.expression);
        if (type === 'scalar' || type === 'vector') return type;
        const allowed = 'unary expression only allowed on expressions of type scalar or instant vector';
        return this.fail(`${allowed}, got ${quoteString(documented(type))}`, expression.position);
      }
      case 'binary':
        return this.checkBinary(expression);
      case 'aggregate':
        return this.checkAggregate(expression);
      case 'call':
        return this.checkCall(expression);
      case 'selector':
        return this.checkSelector(expression);
      case 'range':
        this.checkSelector(expression.selector);
        return 'matrix';
      case 'subquery': {
        const type = this.check(expression.expression);
        if (type === 'vector') return 'matrix';
        return this.fail(`subquery is only allowed on instant vector, got ${type} instead`, expression.position);
      }
    }
  }

  private checkAggregate({ aggregator, expression, parameter }: AggregateExpression): ValueType {
    this.expect(expression, 'vector', 'aggregation expression');
    if (parameter === null) return 'vector';
    this.expect(parameter, aggregator === 'count_values' ? 'string' : 'scalar', 'aggregation parameter');
    return 'vector';
  }

  private expect(expression: Expression, wanted: ValueType, context: string): void {
    const type = this.check(expression);
    if (type === wanted) return;
    this.fail(`expected type ${documented(wanted)} in ${context}, got ${documented(type)}`, expression.position);
  }

  private checkBinary(node: BinaryExpression): ValueType {
    const left = this.check(node.left);
    const right = this.check(node.right);
    const { operator, matching } = node;
    const isComparison = COMPARISONS.has(operator);
    if (node.returnsBool && !isComparison) {
      this.failAtOperator('bool modifier can only be used on comparison operators', node);
    }
    const isBetweenScalars = left === 'scalar' && right === 'scalar';
    if (isComparison && !node.returnsBool && isBetweenScalars) {
      this.failAtOperator('comparisons between scalars must use BOOL modifier', node);
    }
    if (matching !== null) this.checkLabels(matching, node);
    const allowed = 'binary expression must contain only scalar and instant vector types';
    if (left !== 'scalar' && left !== 'vector') this.fail(allowed, node.left.position);
    if (right !== 'scalar' && right !== 'vector') this.fail(allowed, node.right.position);
    const isBetweenVectors = left === 'vector' && right === 'vector';
    if (matching !== null) settleMatching(node, this.settledMatching(node, matching, isBetweenVectors));
    if (!isBetweenVectors && SETS.has(operator)) {
      this.fail(`set operator ${quoteString(operator)} not allowed in binary scalar expression`, node.position);
    }
    return isBetweenScalars ? 'scalar' : 'vector';
  }

  private checkLabels({ isOn, labels, include }: VectorMatching, node: BinaryExpression): void {
    // A set is needed because both lists can have ten thousand names.
    const included = new Set(include);
    const both = isOn ? labels.find((label) => included.has(label)) : undefined;
    if (both === undefined) return;
    this.failAtOperator(`label ${quoteString(both)} must not occur in ON and GROUP clause at once`, node);
  }

  private settledMatching(
    { operator, position }: BinaryExpression,
    matching: VectorMatching,
    isBetweenVectors: boolean,
  ): VectorMatching | null {
    if (!isBetweenVectors) {
      if (matching.labels.length > 0) this.fail('vector matching only allowed between instant vectors', position);
      return null;
    }
    if (!SETS.has(operator)) return matching;
    if (matching.cardinality === 'many-to-one' || matching.cardinality === 'one-to-many') {
      this.fail(`no grouping allowed for ${quoteString(operator)} operation`, position);
    }
    return { ...matching, cardinality: 'many-to-many' };
  }

  private checkCall(call: FunctionCall): ValueType {
    const signature = FUNCTIONS.get(call.name)!;
    this.checkArgumentCount(call, signature);
    if (call.name === 'info') this.checkInfo(call);
    for (const [index, argument] of call.arguments.entries()) {
      const wanted = signature.argumentTypes[index] ?? signature.argumentTypes.at(-1)!;
      if (call.name === 'info' && index === 1) continue;
      this.expect(argument, wanted, `call to function ${quoteString(call.name)}`);
    }
    return signature.returnType;
  }

  private checkArgumentCount(
    { name, arguments: { length }, position }: FunctionCall,
    signature: FunctionSignature,
  ): void {
    const listed = signature.argumentTypes.length;
    const { variadic } = signature;
    const least = variadic === 0 ? listed : listed - 1;
    const most = variadic < 0 ? Infinity : least + variadic;
    if (length >= least && length <= most) return;
    const bound = variadic === 0 ? '' : length < least ? 'at least ' : 'at most ';
    const count = length < least ? least : most;
    this.fail(`expected ${bound}${count} argument(s) in call to ${quoteString(name)}, got ${length}`, position);
  }

  /**
   * Checks the second argument of a call of `info`, which must be a selector without a metric name. Unlike in any other selector,
   * all of its matchers may match an empty value.
   */
  private checkInfo(call: FunctionCall): void {
    const second = call.arguments[1];
    if (second === undefined) return;
    const type = typeOf(second);
    if (type !== 'vector') {
      const context = `call to function ${quoteString(call.name)}`;
      this.fail(`expected type instant vector in ${context}, got ${documented(type)}`, call.position);
    }
    if (second.kind !== 'selector') this.fail('expected label selectors only', second.position);
    if (second.name !== null) {
      this.fail('expected label selectors only, got vector selector instead', second.position);
    }
  }

  private checkSelector({ name, matchers, position }: VectorSelector): ValueType {
    if (name !== null) {
      const second = matchers.slice(0, -1).find((matcher) => matcher.label === '__name__');
      if (second !== undefined) {
        const names = `${quoteString(name)} or ${quoteString(second.value)}`;
        this.fail(`metric name must not be set twice: ${names}`, position);
      }
    } else if (matchers.every((matcher) => compileMatcher(matcher).matchesEmpty)) {
      this.fail('vector selector must contain at least one non-empty matcher', position);
    }
    return 'vector';
  }

  private failAtOperator(reason: string, { left, right }: BinaryExpression): never {
    const between = this.query.slice(left.position.end, right.position.start);
    const start = left.position.end + (between.length - between.trimStart().length);
    return this.fail(reason, { start, end: left.position.end + between.trimEnd().length });
  }

  private fail(reason: string, position: Position): never {
    throw new PromqlSyntaxError(reason, this.query, position);
  }
}

/**
 * Sets the matching of a node. The parser can't do this, because it does not know the types of both sides when it creates the
 * node.
 */
function settleMatching(node: { matching: VectorMatching | null }, matching: VectorMatching | null): void {
  node.matching = matching;
}
