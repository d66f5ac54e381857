import {
  type AggregateExpression,
  type Aggregator,
  ARITHMETIC_OPERATORS,
  type BinaryExpression,
  type BinaryOperator,
  COMPARISON_OPERATORS,
  type Expression,
  SET_OPERATORS,
  type VectorMatching,
} from '../ast.js';
import { AGGREGATORS_WITH_PARAMETER, EXPERIMENTAL_AGGREGATORS, FUNCTIONS } from '../functions.js';
import { quoteString } from '../lexer/quoted-string.js';
import { parseFill, seesFill } from './fill-modifier.js';
import { parseGroupingLabels, parseVectorSelector } from './selector-parser.js';
import { parseAt, parseBrackets, parseOffset } from './time-modifiers.js';
import { isLiteral, isMetricName, isSign, type Token } from '../lexer/token.js';
import type { TokenReader } from '../lexer/token-reader.js';

/**
 * Maximum depth of a tree. A chain `a or b or c …` counts as one level per operator. The code that walks the tree is recursive,
 * so without a limit a query with many parentheses could overflow the stack.
 */
export const MAX_DEPTH = 500;

/** The operators, from the weakest to the strongest. Only `^` is right-associative. */
const PRECEDENCE: ReadonlyMap<string, number> = new Map([
  ['or', 1],
  ['and', 2],
  ['unless', 2],
  ...[...COMPARISON_OPERATORS, '</', '>/'].map((operator) => [operator, 3] as const),
  ['+', 4],
  ['-', 4],
  ['*', 5],
  ['/', 5],
  ['%', 5],
  ['atan2', 5],
  ['^', 6],
]);
const POWER_PRECEDENCE = 6;

const OPERATORS: ReadonlySet<string> = new Set([...ARITHMETIC_OPERATORS, ...COMPARISON_OPERATORS, ...SET_OPERATORS]);

/**
 * Builds the tree of an expression by precedence climbing. Types are checked later, because Prometheus reports type errors only
 * if it could parse the whole text.
 */
export class ExpressionParser {
  private nesting = 0;
  private readonly depths = new WeakMap<Expression, number>();

  constructor(
    private readonly tokens: TokenReader,
    private readonly hasExperimentalFunctions: boolean,
  ) {}

  parseWhole(): Expression {
    const expression = this.parseExpression(0);
    if (this.tokens.peek().kind !== 'end') this.tokens.unexpected();
    return expression;
  }

  /** Reads operands joined by operators that bind at least as strongly as `precedence`. */
  private parseExpression(precedence: number): Expression {
    this.nesting++;
    this.refuseTooDeep(this.nesting);
    let left = this.parseOperand();
    for (;;) {
      const token = this.tokens.peek();
      const strength = token.kind === 'operator' ? PRECEDENCE.get(token.word) : undefined;
      if (strength === undefined || strength < precedence) break;
      left = this.parseBinary(left, this.tokens.take(), strength);
    }
    this.nesting--;
    return left;
  }

  private parseBinary(left: Expression, operator: Token, strength: number): BinaryExpression {
    const returnsBool = this.tokens.takeIf('bool') !== null;
    const matching = this.parseMatching();
    const hasFill = parseFill(this.tokens);
    const right = this.parseExpression(strength === POWER_PRECEDENCE ? strength : strength + 1);
    const position = { start: left.position.start, end: right.position.end };
    if (hasFill) this.tokens.fail('binop fill modifiers are experimental and not enabled', position);
    if (!OPERATORS.has(operator.word)) {
      this.tokens.fail(`${operator.word} trims native histograms, which are not supported here`, operator.position);
    }
    const node: BinaryExpression = {
      kind: 'binary',
      position,
      operator: operator.word as BinaryOperator,
      left,
      right,
      returnsBool,
      matching,
    };
    return this.built(node, left, right);
  }

  private parseMatching(): VectorMatching {
    const modifier = this.tokens.takeIf('on') ?? this.tokens.takeIf('ignoring');
    if (modifier === null) return { cardinality: 'one-to-one', isOn: false, labels: [], include: [] };
    const isOn = modifier.word === 'on';
    const labels = parseGroupingLabels(this.tokens);
    const group = this.tokens.takeIf('group_left') ?? this.tokens.takeIf('group_right');
    if (group === null) return { cardinality: 'one-to-one', isOn, labels, include: [] };
    // The labels can be omitted, but only if the right side follows.
    const hasLabels = this.tokens.sees('(') || (!this.canStartExpression() && !seesFill(this.tokens));
    const include = hasLabels ? parseGroupingLabels(this.tokens) : [];
    return { cardinality: group.word === 'group_left' ? 'many-to-one' : 'one-to-many', isOn, labels, include };
  }

  /**
   * Reads an operand with its signs. A sign binds more weakly than `^`, so `-1 ^ 2` is -1, and more strongly than any other
   * operator, so `-a * b` is `(-a) * b`.
   */
  private parseOperand(): Expression {
    if (!isSign(this.tokens.peek())) return this.parseModified();
    const sign = this.tokens.take();
    const operand = this.parseExpression(POWER_PRECEDENCE);
    const position = { start: sign.position.start, end: operand.position.end };
    if (operand.kind === 'number') {
      return { ...operand, value: sign.word === '-' ? -operand.value : operand.value, position };
    }
    return this.built({ kind: 'unary', position, operator: sign.word as '+' | '-', expression: operand }, operand);
  }

  /** Reads an operand and the modifiers after it: `[5m]`, `[1h:5m]`, `offset`, `@`. */
  private parseModified(): Expression {
    let expression = this.parsePrimary();
    for (;;) {
      if (this.tokens.sees('[')) {
        expression = this.built(parseBrackets(this.tokens, expression), expression);
      } else if (this.tokens.takeIf('offset') !== null) {
        expression = this.rebuilt(expression, parseOffset(this.tokens, expression));
      } else if (this.tokens.takeIf('@') !== null) {
        expression = this.rebuilt(expression, parseAt(this.tokens, expression));
      } else if (this.tokens.sees('anchored') || this.tokens.sees('smoothed')) {
        const { word } = this.tokens.peek();
        this.tokens.fail(`${word} modifier is experimental and not enabled`, expression.position);
      } else {
        return expression;
      }
    }
  }

  private parsePrimary(): Expression {
    const token = this.tokens.peek();
    switch (token.kind) {
      case 'number':
      case 'duration':
        this.tokens.take();
        return {
          kind: 'number',
          position: token.position,
          value: this.tokens.numberValue(token),
          isDuration: token.kind === 'duration',
        };
      case 'string':
        this.tokens.take();
        return { kind: 'string', position: token.position, value: this.tokens.stringValue(token) };
      case 'punctuation':
        if (token.text === '(') return this.parseParenthesis();
        return token.text === '{' ? parseVectorSelector(this.tokens) : this.tokens.unexpected();
      case 'identifier':
      case 'metric':
      case 'keyword':
      case 'aggregator':
      case 'operator':
      case 'preprocessor':
      case 'end':
        return isMetricName(token) ? this.parseNamed(token) : this.tokens.unexpected();
    }
  }

  private parseParenthesis(): Expression {
    const open = this.tokens.take();
    const expression = this.parseExpression(0);
    if (!this.tokens.sees(')')) this.tokens.unexpected();
    const position = { start: open.position.start, end: this.tokens.take().position.end };
    return this.built({ kind: 'parenthesis', position, expression }, expression);
  }

  /** Reads a construct that starts with a word: a selector, a call or an aggregation. The token after the word decides which. */
  private parseNamed(token: Token): Expression {
    const following = this.tokens.peekSecond();
    const hasArguments = following.kind === 'punctuation' && following.text === '(';
    const isGrouped = following.kind === 'keyword' && (following.word === 'by' || following.word === 'without');
    if (token.kind === 'aggregator' && (hasArguments || isGrouped)) return this.parseAggregate();
    const isCallable = token.kind === 'identifier' || token.kind === 'preprocessor';
    if (isCallable && hasArguments) return this.parseCall();
    return parseVectorSelector(this.tokens);
  }

  private parseCall(): Expression {
    const name = this.tokens.take();
    const { arguments: args, end } = this.parseArguments();
    const signature = FUNCTIONS.get(name.text);
    const quoted = quoteString(name.text);
    if (signature === undefined) this.tokens.fail(`unknown function with name ${quoted}`, name.position);
    if (signature.isExperimental && !this.hasExperimentalFunctions) {
      this.tokens.fail(`function ${quoted} is not enabled`, name.position);
    }
    const position = { start: name.position.start, end };
    return this.built({ kind: 'call', position, name: name.text, arguments: args }, ...args);
  }

  private parseAggregate(): AggregateExpression {
    const name = this.tokens.take();
    const aggregator = name.word as Aggregator;
    const { grouping, args, end } = this.tokens.insideAggregation(() => {
      const before = this.parseGrouping();
      const list = this.parseArguments();
      return { grouping: before, args: list.arguments, end: list.end };
    });
    const after = grouping === null ? this.parseGrouping() : null;
    const { labels, isWithout } = grouping ?? after ?? { labels: [], isWithout: false };
    const position = { start: name.position.start, end: after?.end ?? end };
    const parameterCount = AGGREGATORS_WITH_PARAMETER.has(aggregator) ? 1 : 0;
    this.refuseArguments(aggregator, args.length, parameterCount + 1, position);
    const expression = args[parameterCount]!;
    const parameter = parameterCount === 1 ? args[0]! : null;
    const node = {
      kind: 'aggregate',
      position,
      aggregator,
      expression,
      parameter,
      grouping: labels,
      isWithout,
    } as const;
    return this.built(node, ...args);
  }

  private refuseArguments(aggregator: Aggregator, given: number, wanted: number, position: Token['position']): void {
    if (given === 0) this.tokens.fail('no arguments for aggregate expression provided', position);
    if (EXPERIMENTAL_AGGREGATORS.has(aggregator) && !this.hasExperimentalFunctions) {
      const flag = '--enable-feature=promql-experimental-functions';
      this.tokens.fail(`${aggregator}() is experimental and must be enabled with ${flag}`, position);
    }
    if (given === wanted) return;
    const reason = 'wrong number of arguments for aggregate expression provided';
    this.tokens.fail(`${reason}, expected ${wanted}, got ${given}`, position);
  }

  private parseGrouping(): { labels: string[]; isWithout: boolean; end: number } | null {
    const word = this.tokens.takeIf('by') ?? this.tokens.takeIf('without');
    if (word === null) return null;
    const labels = parseGroupingLabels(this.tokens);
    return { labels, isWithout: word.word === 'without', end: this.tokens.lastEnd };
  }

  private parseArguments(): { arguments: Expression[]; end: number } {
    if (this.tokens.takeIf('(') === null) this.tokens.unexpected();
    const list: Expression[] = [];
    while (!this.tokens.sees(')')) {
      list.push(this.parseExpression(0));
      const comma = this.tokens.takeIf(',');
      if (comma === null && !this.tokens.sees(')')) this.tokens.unexpected();
      if (comma !== null && !this.canStartExpression()) {
        this.tokens.fail('trailing commas not allowed in function call args', comma.position);
      }
    }
    return { arguments: list, end: this.tokens.take().position.end };
  }

  private canStartExpression(): boolean {
    const token = this.tokens.peek();
    if (isLiteral(token) || isSign(token) || isMetricName(token)) return true;
    return token.kind === 'string' || this.tokens.sees('(') || this.tokens.sees('{');
  }

  /** Records the depth of a new node's tree, and refuses the node if the tree is too deep. */
  private built<Built extends Expression>(node: Built, ...children: readonly Expression[]): Built {
    const depth = 1 + Math.max(0, ...children.map((child) => this.depths.get(child) ?? 1));
    this.refuseTooDeep(depth);
    this.depths.set(node, depth);
    return node;
  }

  /** Copies the depth of a node to a changed copy of the node. */
  private rebuilt(old: Expression, changed: Expression): Expression {
    this.depths.set(changed, this.depths.get(old) ?? 1);
    return changed;
  }

  private refuseTooDeep(depth: number): void {
    if (depth <= MAX_DEPTH) return;
    this.tokens.fail(`the expression is nested more than ${MAX_DEPTH} levels deep`, this.tokens.peek().position);
  }
}
