import type { AtModifier, Expression, MatrixSelector, SubqueryExpression, VectorSelector } from '../ast.js';
import { MAX_DURATION_SECONDS } from '../lexer/duration.js';
import { formatNumber } from '../lexer/number-literal.js';
import { isArithmetic, isDurationWord, isLiteral, isSign } from '../lexer/token.js';
import type { TokenReader } from '../lexer/token-reader.js';

type TimeShiftable = VectorSelector | MatrixSelector | SubqueryExpression;

/** Reads `offset 5m` after an expression. The word `offset` has already been read. */
export function parseOffset(tokens: TokenReader, expression: Expression): Expression {
  const sign = isSign(tokens.peek()) ? tokens.take() : null;
  const expected = 'number, duration, step(), or range()';
  refuseDurationExpression(tokens, 'offset', expected);
  if (!isLiteral(tokens.peek())) tokens.unexpected('offset', expected);
  const token = tokens.take();
  const seconds = tokens.numberValue(token) * (sign?.word === '-' ? -1 : 1);
  const start = (sign ?? token).position.start;
  if (Math.abs(seconds) > MAX_DURATION_SECONDS) {
    tokens.fail('duration out of range', { start, end: token.position.end });
  }
  const shiftable = asShiftable(tokens, expression, 'offset modifier');
  const { offsetMs } = shiftable.kind === 'range' ? shiftable.selector : shiftable;
  if (offsetMs !== 0) tokens.fail('offset may not be set multiple times', expression.position);
  return shifted(shiftable, { offsetMs: wholeMilliseconds(seconds) }, token.position.end);
}

/** Reads the rest of `@ 1609746000` or `@ end()` after an expression. The `@` has already been read. */
export function parseAt(tokens: TokenReader, expression: Expression): Expression {
  const context = ['@', 'timestamp'] as const;
  if (tokens.sees('start') || tokens.sees('end')) {
    const at = tokens.take().word as 'start' | 'end';
    if (tokens.takeIf('(') === null || !tokens.sees(')')) tokens.unexpected(...context);
    const close = tokens.take();
    return shifted(unfixed(tokens, expression), { at }, close.position.end);
  }
  const sign = isSign(tokens.peek()) ? tokens.take() : null;
  if (!isLiteral(tokens.peek())) tokens.unexpected(...context);
  const token = tokens.take();
  const seconds = tokens.numberValue(token) * (sign?.word === '-' ? -1 : 1);
  if (!(Math.abs(seconds) < 2 ** 63)) {
    const shown = Number.isFinite(seconds) ? seconds.toFixed(6) : formatNumber(seconds);
    tokens.fail(`timestamp out of bounds for @ modifier: ${shown}`, expression.position);
  }
  const timestampMs = Math.sign(seconds) * Math.round(Math.abs(seconds) * 1000);
  return shifted(unfixed(tokens, expression), { at: { timestampMs } }, token.position.end);
}

/** Reads `[5m]` or `[5m:1m]` after an expression. The next token must be the bracket. */
export function parseBrackets(tokens: TokenReader, expression: Expression): MatrixSelector | SubqueryExpression {
  const open = tokens.take();
  const rangeMs = parsePositiveDuration(tokens, 'subquery or range selector', 'number, duration, step(), or range()');
  const { start } = expression.position;
  if (tokens.takeIf(':') !== null) {
    const expected = 'number, duration, step(), range(), or "]"';
    const stepMs = tokens.sees(']') ? null : parsePositiveDuration(tokens, 'subquery selector', expected);
    if (!tokens.sees(']')) tokens.unexpected('subquery selector', '"]"');
    const { end } = tokens.take().position;
    return { kind: 'subquery', position: { start, end }, expression, rangeMs, stepMs, offsetMs: 0, at: null };
  }
  if (!tokens.sees(']')) tokens.unexpected('subquery or range', '":" or "]"');
  const { end } = tokens.take().position;
  const brackets = { start: open.position.start, end };
  if (expression.kind !== 'selector') return tokens.fail('ranges only allowed for vector selectors', brackets);
  if (expression.offsetMs !== 0) tokens.fail('no offset modifiers allowed before range', brackets);
  if (expression.at !== null) tokens.fail('no @ modifiers allowed before range', brackets);
  return { kind: 'range', position: { start, end }, selector: expression, rangeMs };
}

function parsePositiveDuration(tokens: TokenReader, context: string, expected: string): number {
  const { start } = tokens.peek().position;
  let sign = 1;
  while (isSign(tokens.peek())) sign *= tokens.take().word === '-' ? -1 : 1;
  refuseDurationExpression(tokens, context, expected);
  if (!isLiteral(tokens.peek())) tokens.unexpected(context, expected);
  const token = tokens.take();
  const seconds = tokens.numberValue(token) * sign;
  const position = { start, end: token.position.end };
  if (Math.abs(seconds) > MAX_DURATION_SECONDS) tokens.fail('duration out of range', position);
  if (isArithmetic(tokens.peek())) tokens.fail(DURATION_EXPRESSIONS_ARE_OFF, position);
  const durationMs = wholeMilliseconds(seconds);
  // A duration of less than a millisecond is also refused, because it would be printed as `0s`, which cannot be parsed.
  if (!(durationMs > 0)) tokens.fail('duration must be greater than 0', position);
  return durationMs;
}

const DURATION_EXPRESSIONS_ARE_OFF = 'experimental duration expression is not enabled';

/**
 * Refuses arithmetic with durations (`[5m + step()]`), an experimental feature of Prometheus 3 that is off by default and not
 * supported here.
 */
function refuseDurationExpression(tokens: TokenReader, context: string, expected: string): void {
  const { position } = tokens.peek();
  if (isDurationWord(tokens.peek())) {
    tokens.take();
    if (!tokens.sees('(')) tokens.unexpected(context, expected);
    tokens.fail(DURATION_EXPRESSIONS_ARE_OFF, position);
  }
  if (tokens.takeIf('(') !== null) tokens.fail(DURATION_EXPRESSIONS_ARE_OFF, tokens.peek().position);
}

function asShiftable(tokens: TokenReader, expression: Expression, modifier: string): TimeShiftable {
  const { kind } = expression;
  if (kind === 'selector' || kind === 'range' || kind === 'subquery') return expression;
  const allowed = 'an instant vector selector or range vector selector or a subquery';
  return tokens.fail(`${modifier} must be preceded by ${allowed}`, expression.position);
}

function unfixed(tokens: TokenReader, expression: Expression): TimeShiftable {
  const shiftable = asShiftable(tokens, expression, '@ modifier');
  const { at } = shiftable.kind === 'range' ? shiftable.selector : shiftable;
  if (at !== null) tokens.fail('@ <timestamp> may not be set multiple times', expression.position);
  return shiftable;
}

function shifted(
  expression: TimeShiftable,
  shift: { readonly offsetMs: number } | { readonly at: AtModifier },
  end: number,
): TimeShiftable {
  const position = { start: expression.position.start, end };
  if (expression.kind !== 'range') return { ...expression, ...shift, position };
  return { ...expression, selector: { ...expression.selector, ...shift }, position };
}

/**
 * Converts seconds to whole milliseconds, as Prometheus does: rounds them to nanoseconds, and cuts off fractions of a
 * millisecond.
 */
function wholeMilliseconds(seconds: number): number {
  const nanoseconds = Math.sign(seconds) * Math.round(Math.abs(seconds) * 1e9);
  return Math.trunc(nanoseconds / 1e6);
}
