import type { Expression, LabelMatcher } from '../ast.js';
import { checkExpression } from './checks.js';
import { ExpressionParser } from './expression-parser.js';
import { compileMatcher } from '../matcher/matcher.js';
import { PromqlSyntaxError } from '../promql-syntax.error.js';
import type { RegexAllowance } from '../matcher/regex-allowance.js';
import { parseVectorSelector } from './selector-parser.js';
import { TokenReader } from '../lexer/token-reader.js';

export interface ParseOptions {
  /** Maximum length of the text in UTF-16 units. Longer texts are refused without parsing. */
  readonly maxLength?: number;
  /** True to allow functions and aggregators that Prometheus calls experimental. */
  readonly hasExperimentalFunctions?: boolean;
  /** The allowance for regular expressions, which all texts of one request share. If it is missing, each text has its own. */
  readonly regexes?: RegexAllowance;
}

/** The default maximum length. Queries of people and dashboards are shorter, so a longer one is a mistake or an attack. */
export const DEFAULT_MAX_QUERY_LENGTH = 100_000;

/**
 * Reads a PromQL expression and checks its types, as Prometheus 3 does.
 *
 * @throws PromqlSyntaxError with Prometheus' own wording if it has one.
 */
export function parse(query: string, options: ParseOptions = {}): Expression {
  refuseTooLong(query, options);
  const tokens = new TokenReader(query, options.regexes);
  if (tokens.peek().kind === 'end') tokens.fail('no expression found in input', { start: 0, end: 0 });
  const expression = new ExpressionParser(tokens, options.hasExperimentalFunctions === true).parseWhole();
  checkExpression(expression, query);
  return expression;
}

/**
 * Reads a `match[]` parameter: a selector without offset, range or `@`, with at least one matcher that an absent label does not
 * satisfy, so that nobody requests all series by accident.
 *
 * @throws PromqlSyntaxError
 */
export function parseMatchers(text: string, options: ParseOptions = {}): readonly LabelMatcher[] {
  refuseTooLong(text, options);
  const tokens = new TokenReader(text, options.regexes);
  const { matchers } = parseVectorSelector(tokens);
  if (tokens.peek().kind !== 'end') tokens.unexpected();
  if (matchers.every((matcher) => compileMatcher(matcher).matchesEmpty)) {
    throw new PromqlSyntaxError('match[] must contain at least one non-empty matcher', text, null);
  }
  return matchers;
}

function refuseTooLong(query: string, { maxLength = DEFAULT_MAX_QUERY_LENGTH }: ParseOptions): void {
  if (query.length <= maxLength) return;
  const reason = `the query has ${query.length} characters, the limit is ${maxLength}: ask for less at once`;
  throw new PromqlSyntaxError(reason, query, null);
}
