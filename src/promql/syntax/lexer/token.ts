import { AGGREGATORS, type Position } from '../ast.js';
import { quoteString } from './quoted-string.js';

/**
 * The kind of a token. `preprocessor` is a word such as `start`, `end` or `step`, which is a function, a time or a name,
 * depending on the next token; `metric` is a name with a colon, which cannot be a label or a function.
 */
export type TokenKind =
  | 'number'
  | 'duration'
  | 'string'
  | 'identifier'
  | 'metric'
  | 'keyword'
  | 'aggregator'
  | 'operator'
  | 'preprocessor'
  | 'punctuation'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** The text as it was written. */
  readonly text: string;
  /** The text in lower case, for comparisons with words whose case the language ignores. */
  readonly word: string;
  readonly position: Position;
}

const WORD_OPERATORS = ['and', 'or', 'unless', 'atan2'];

const KEYWORDS = [
  'offset',
  'smoothed',
  'anchored',
  'by',
  'without',
  'on',
  'ignoring',
  'group_left',
  'group_right',
  'fill',
  'fill_left',
  'fill_right',
  'bool',
];

/** Words that stand for a time or a duration. `DURATION_WORDS` are those that can stand in brackets. */
const PREPROCESSORS = ['start', 'end', 'step', 'range', 'max_of', 'min_of'];
export const DURATION_WORDS: ReadonlySet<string> = new Set(['step', 'range', 'max_of', 'min_of']);

const KIND_OF_WORD: ReadonlyMap<string, TokenKind> = new Map<string, TokenKind>([
  ...WORD_OPERATORS.map((word) => [word, 'operator'] as const),
  ...AGGREGATORS.map((word) => [word, 'aggregator'] as const),
  ...KEYWORDS.map((word) => [word, 'keyword'] as const),
  ...PREPROCESSORS.map((word) => [word, 'preprocessor'] as const),
  ['inf', 'number'],
  ['nan', 'number'],
]);

/** Returns the kind of a word outside braces, where the language ignores case. */
export function kindOfWord(text: string): TokenKind {
  return KIND_OF_WORD.get(text.toLowerCase()) ?? (text.includes(':') ? 'metric' : 'identifier');
}

const NOT_A_METRIC_NAME: ReadonlySet<string> = new Set([
  'bool',
  'on',
  'ignoring',
  'group_left',
  'group_right',
  'atan2',
]);
const WORD_KINDS: ReadonlySet<TokenKind> = new Set(['identifier', 'metric', 'keyword', 'aggregator', 'preprocessor']);

function isWord(token: Token): boolean {
  return WORD_KINDS.has(token.kind) || (token.kind === 'operator' && WORD_OPERATORS.includes(token.word));
}

/** Returns whether the token can be the name of a metric outside braces. This is true for most keywords. */
export function isMetricName(token: Token): boolean {
  return isWord(token) && !NOT_A_METRIC_NAME.has(token.word);
}

/** Returns whether the token can be a label in `by (…)`, `on (…)` and similar clauses. */
export function isGroupingLabel(token: Token): boolean {
  return isWord(token) && token.word !== 'without';
}

/** Describes a token in an error message, in Prometheus' notation. */
export function describeToken(token: Token): string {
  switch (token.kind) {
    case 'end':
      return 'end of input';
    case 'keyword':
      return `<${token.text}>`;
    case 'operator':
      return `<op:${token.text}>`;
    case 'aggregator':
      return `<aggr:${token.text}>`;
    case 'preprocessor':
    case 'punctuation':
      return shortened(token.text);
    case 'identifier':
      return `identifier ${quoteString(token.text)}`;
    case 'metric':
      return `metric identifier ${quoteString(token.text)}`;
    case 'number':
    case 'duration':
    case 'string':
      return `${token.kind} ${shortened(token.text)}`;
  }
}

/** Quotes a text, and shortens a long one so that an error message stays readable. The limit is the same as in Prometheus. */
function shortened(text: string): string {
  return Buffer.byteLength(text) > 10 ? `${quoteString(Array.from(text).slice(0, 10).join(''))}...` : quoteString(text);
}

/** Returns whether the token is a number or a duration, which are interchangeable. */
export function isLiteral(token: Token): boolean {
  return token.kind === 'number' || token.kind === 'duration';
}

export function isSign(token: Token): boolean {
  return token.kind === 'operator' && (token.word === '+' || token.word === '-');
}

/** Returns whether the token is an operator for arithmetic with durations. */
export function isArithmetic(token: Token): boolean {
  return token.kind === 'operator' && /^[-+*/%^]$/.test(token.word);
}

export function isDurationWord(token: Token): boolean {
  return token.kind === 'preprocessor' && DURATION_WORDS.has(token.word);
}
