import type { LabelMatcher, MatchOperator, VectorSelector } from '../ast.js';
import { quoteString } from '../lexer/quoted-string.js';
import { isGroupingLabel, isMetricName, type Token } from '../lexer/token.js';
import type { TokenReader } from '../lexer/token-reader.js';

const METRIC_NAME_LABEL = '__name__';

/** Reads `name{label="value"}`, `name` or `{…}`. The next token must be a name or the brace. */
export function parseVectorSelector(tokens: TokenReader): VectorSelector {
  if (!isMetricName(tokens.peek()) && !tokens.sees('{')) tokens.unexpected();
  const first = tokens.take();
  const hasName = first.word !== '{';
  const matchers: LabelMatcher[] = [];
  let end = first.position.end;
  if (!hasName || tokens.takeIf('{') !== null) end = parseMatcherList(tokens, matchers);
  // The name comes last, because Prometheus lists the matchers in this order.
  if (hasName) matchers.push({ label: METRIC_NAME_LABEL, operator: '=', value: first.text });
  const position = { start: first.position.start, end };
  return { kind: 'selector', position, name: hasName ? first.text : null, matchers, offsetMs: 0, at: null };
}

/** Reads the matchers after the opening brace, up to the closing brace, and returns the end of the list. */
function parseMatcherList(tokens: TokenReader, matchers: LabelMatcher[]): number {
  while (!tokens.sees('}')) {
    matchers.push(parseMatcher(tokens));
    if (tokens.takeIf(',') === null && !tokens.sees('}')) tokens.unexpected('label matching', '"," or "}"');
    else if (tokens.sees(',')) tokens.unexpected('label matching', 'identifier or "}"');
  }
  return tokens.take().position.end;
}

function parseMatcher(tokens: TokenReader): LabelMatcher {
  const token = tokens.peek();
  if (token.kind !== 'identifier' && token.kind !== 'string') {
    tokens.unexpected('label matching', 'identifier or "}"');
  }
  tokens.take();
  const label = token.kind === 'string' ? tokens.stringValue(token) : token.text;
  const isOperator = /^(?:=|!=|=~|!~)$/.test(tokens.peek().text) && tokens.peek().kind !== 'string';
  if (!isOperator) {
    // A quoted text without an operator is the name of the metric.
    if (token.kind === 'string') return { label: METRIC_NAME_LABEL, operator: '=', value: label };
    tokens.unexpected('label matching', 'label matching operator');
  }
  const operator = tokens.take().text as MatchOperator;
  if (tokens.peek().kind !== 'string') tokens.unexpected('label matching', 'string');
  const valueToken = tokens.take();
  const value = tokens.stringValue(valueToken);
  const problem = operator === '=~' || operator === '!~' ? tokens.regexes.problemOf(value) : null;
  if (problem !== null) tokens.fail(problem, { start: token.position.start, end: valueToken.position.end });
  return { label, operator, value };
}

/** Reads `(a, b, "c d")`. */
export function parseGroupingLabels(tokens: TokenReader): string[] {
  const context = 'grouping opts';
  if (tokens.takeIf('(') === null) tokens.unexpected(context, '"("');
  const labels: string[] = [];
  while (!tokens.sees(')')) {
    const token = tokens.peek();
    if (token.kind !== 'string' && !isGroupingLabel(token)) tokens.unexpected(context, 'label');
    labels.push(groupingLabel(tokens, tokens.take()));
    if (tokens.takeIf(',') === null && !tokens.sees(')')) tokens.unexpected(context, '"," or ")"');
  }
  tokens.take();
  return labels;
}

function groupingLabel(tokens: TokenReader, token: Token): string {
  const label = token.kind === 'string' ? tokens.stringValue(token) : token.text;
  if (label === '' || !label.isWellFormed()) {
    tokens.fail(`invalid label name for grouping: ${quoteString(label)}`, token.position);
  }
  return label;
}
