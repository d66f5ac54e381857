import { RE2JS, RE2JSException } from 're2js';
import type { LabelMatcher } from '../ast.js';
import { estimateRegexSize } from './regex-size.js';

/** A label matcher that is ready for use. */
export interface CompiledMatcher {
  readonly label: string;
  /** Returns whether a label value matches. An absent label has the value `''`. */
  readonly matches: (value: string) => boolean;
  /** True if the matcher also matches series without the label. */
  readonly matchesEmpty: boolean;
  /** The text with which every matching value begins; '' if there is none. */
  readonly prefix: string;
  /** True if the prefix is the only value that matches. */
  readonly isExact: boolean;
}

/**
 * Prepares a matcher with the rules of Prometheus: regular expressions are RE2 (linear time, so a query cannot hang on
 * one), anchored at both ends, and their dot matches newlines.
 *
 * @throws RE2JSException for a regular expression that the parser would have refused.
 */
export function compileMatcher(matcher: LabelMatcher): CompiledMatcher {
  const matches = predicateOf(matcher);
  return {
    label: matcher.label,
    matches,
    matchesEmpty: matches(''),
    prefix: prefixOf(matcher),
    isExact: matcher.operator === '=',
  };
}

function prefixOf({ operator, value }: LabelMatcher): string {
  if (operator === '=') return value;
  return operator === '=~' ? literalPrefix(value) : '';
}

function predicateOf({ operator, value }: LabelMatcher): (text: string) => boolean {
  switch (operator) {
    case '=':
      return (text) => text === value;
    case '!=':
      return (text) => text !== value;
    case '=~':
      return compileRegex(value);
    case '!~': {
      const matches = compileRegex(value);
      return (text) => !matches(text);
    }
  }
}

/**
 * Maximum number of states of a regular expression. RE2 allows millions, and compiling those in JavaScript would block the event
 * loop for seconds. At this size, compiling takes about ten milliseconds, and the first match of a value of a thousand characters
 * at most sixty. Lists of plain values (`a|b|c`) do not count.
 */
export const MAX_REGEX_SIZE = 1000;

/** The fixed cost of a regular expression in addition to its states. */
const BASE_COST = 4;

/** Returns the estimated cost of a regular expression, in states; 0 if the expression does not have to be compiled. */
export function regexCost(pattern: string): number {
  return simpleTest(pattern) === null ? BASE_COST + estimateRegexSize(pattern) : 0;
}

/**
 * Checks a regular expression.
 *
 * @returns the problem, in Go's words if Go has a message for it; null if the expression is accepted.
 */
export function regexProblem(pattern: string): string | null {
  if (simpleTest(pattern) !== null) return null;
  const size = estimateRegexSize(pattern);
  if (size > MAX_REGEX_SIZE) {
    return `regular expression too large: about ${size} states, the limit is ${MAX_REGEX_SIZE}: use fewer repetitions or alternatives in it`;
  }
  try {
    RE2JS.compile(pattern, RE2JS.DOTALL);
    return null;
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    // RE2JS shows the pattern with the flag `(?s)`, which the query does not contain.
    return error.message.replace(`\`(?s)${pattern}\``, () => `\`${pattern}\``);
  }
}

/**
 * Returns a function that tests whether a whole text matches a regular expression. The forms that are most frequent in queries
 * (`a|b|c`, `prefix.*`, `.+`) do not use RE2JS, so that testing all series of a metric remains affordable.
 */
function compileRegex(pattern: string): (text: string) => boolean {
  const test = simpleTest(pattern);
  if (test !== null) return test;
  const regex = RE2JS.compile(pattern, RE2JS.DOTALL);
  const prefix = literalPrefix(pattern);
  return (text) => text.startsWith(prefix) && regex.matches(text);
}

/**
 * Returns a text with which every text begins that a pattern matches. It is the part before the first operator, without its last
 * character if that may be repeated or left out: by the operator, or by one after flags (`ab(?i)*`) or an empty quotation (`ab\Q\E*`).
 *
 * @returns '' if there is no such text, or if the pattern has alternatives
 */
function literalPrefix(pattern: string): string {
  const literal = /^[^\\.+*?()|[\]{}^$]*/u.exec(pattern)![0];
  if (literal.length === pattern.length) return literal;
  if (pattern.includes('|')) return '';
  return /^(?:[.[^$]|\((?!\?)|\\(?!Q))/.test(pattern.slice(literal.length)) ? literal : literal.replace(/.$/su, '');
}

/**
 * Returns a test of whole texts that does not use RE2JS.
 *
 * @returns null if the pattern needs RE2JS
 */
function simpleTest(pattern: string): ((text: string) => boolean) | null {
  if (pattern === '.*') return () => true;
  if (pattern === '.+') return (text) => text !== '';
  const literals = literalAlternatives(pattern);
  if (literals !== null) return (text) => literals.has(text);
  const prefix = pattern.endsWith('.*') ? literalOf(pattern.slice(0, -2)) : null;
  return prefix === null ? null : (text) => text.startsWith(prefix);
}

/**
 * Returns the only values that a pattern like `a|b|c` or `(a|b|c)` matches. Dashboards write `(a|b|c)` for a list of choices.
 *
 * @returns null if the pattern is not that simple.
 */
export function literalAlternatives(pattern: string): ReadonlySet<string> | null {
  const list = /^\((?:\?:)?([^()]*)\)$/.exec(pattern)?.[1] ?? pattern;
  if (list.includes('\\|')) return null;
  const literals = list.split('|').map(literalOf);
  return literals.includes(null) ? null : new Set(literals as string[]);
}

/** Returns the text that a pattern without operators matches, or null for other patterns. Punctuation can be escaped (`a\.b`). */
function literalOf(pattern: string): string | null {
  if (!/^(?:[^\\.+*?()|[\]{}^$]|\\[.+*?()[\]{}^$\\-])*$/u.test(pattern)) return null;
  return pattern.replaceAll(/\\(.)/gu, '$1');
}
