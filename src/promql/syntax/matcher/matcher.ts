import { RE2JS, RE2JSException } from 're2js';
import type { LabelMatcher } from '../ast.js';
import { estimateRegexSize } from './regex-size.js';

/** A label matcher that is ready to be asked. */
export interface CompiledMatcher {
  readonly label: string;
  /** Whether a label value fits. An absent label has the value `''`. */
  readonly matches: (value: string) => boolean;
  /** Whether series without the label fit. */
  readonly matchesEmpty: boolean;
}

/**
 * Prepares a matcher with the rules of Prometheus: regular expressions are RE2 (linear time, so a query cannot hang on
 * one), anchored at both ends, and their dot matches newlines.
 *
 * @throws RE2JSException for a regular expression that the parser would have refused.
 */
export function compileMatcher(matcher: LabelMatcher): CompiledMatcher {
  const matches = predicateOf(matcher);
  return { label: matcher.label, matches, matchesEmpty: matches('') };
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
 * The most states a regular expression may have. RE2 allows millions, and compiling those in JavaScript takes seconds
 * in which nothing else runs; at this size it is some ten milliseconds, and the first match of a value of a thousand
 * characters at most sixty. Lists of plain values (`a|b|c`) do not count.
 */
export const MAX_REGEX_SIZE = 1000;

/** What a regular expression costs beside its states. */
const BASE_COST = 4;

/** About how many states a regular expression has; 0 where none has to be compiled. */
export function regexCost(pattern: string): number {
  return simpleTest(pattern) === null ? BASE_COST + estimateRegexSize(pattern) : 0;
}

/** @returns what is wrong with a regular expression, in the words of Go's where it has any, or null. */
export function regexProblem(pattern: string): string | null {
  if (simpleTest(pattern) !== null) return null;
  const size = estimateRegexSize(pattern);
  if (size > MAX_REGEX_SIZE) {
    return `regular expression too large: about ${size} states, the limit is ${MAX_REGEX_SIZE}: repeat or list less in it`;
  }
  try {
    RE2JS.compile(pattern, RE2JS.DOTALL);
    return null;
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    // The engine writes the flag in front of the pattern it was given.
    return error.message.replace(`\`(?s)${pattern}\``, () => `\`${pattern}\``);
  }
}

/**
 * A test of whole texts. The forms that queries are full of (`a|b|c`, `prefix.*`, `.+`) need no engine, which is what
 * makes a regular expression over all series of a metric affordable.
 */
function compileRegex(pattern: string): (text: string) => boolean {
  const test = simpleTest(pattern);
  if (test !== null) return test;
  const regex = RE2JS.compile(pattern, RE2JS.DOTALL);
  return (text) => regex.matches(text);
}

/** @returns null if it takes the engine */
function simpleTest(pattern: string): ((text: string) => boolean) | null {
  if (pattern === '.*') return () => true;
  if (pattern === '.+') return (text) => text !== '';
  const literals = literalAlternatives(pattern);
  if (literals !== null) return (text) => literals.has(text);
  const prefix = pattern.endsWith('.*') ? literalOf(pattern.slice(0, -2)) : null;
  return prefix === null ? null : (text) => text.startsWith(prefix);
}

/**
 * The only values that a pattern like `a|b|c` or `(a|b|c)` matches; dashboards write the latter for a list of choices.
 *
 * @returns null if the pattern is not that simple.
 */
export function literalAlternatives(pattern: string): ReadonlySet<string> | null {
  const list = /^\((?:\?:)?([^()]*)\)$/.exec(pattern)?.[1] ?? pattern;
  if (list.includes('\\|')) return null;
  const literals = list.split('|').map(literalOf);
  return literals.includes(null) ? null : new Set(literals as string[]);
}

/** The text that a pattern without operators matches; punctuation may be escaped (`a\.b`). */
function literalOf(pattern: string): string | null {
  if (!/^(?:[^\\.+*?()|[\]{}^$]|\\[.+*?()[\]{}^$\\-])*$/u.test(pattern)) return null;
  return pattern.replaceAll(/\\(.)/gu, '$1');
}
