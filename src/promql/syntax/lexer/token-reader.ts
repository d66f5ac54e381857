import type { Position } from '../ast.js';
import { Lexer } from './lexer.js';
import { parseNumber } from './number-literal.js';
import { PromqlSyntaxError } from '../promql-syntax.error.js';
import { scanString } from './quoted-string.js';
import { RegexAllowance } from '../matcher/regex-allowance.js';
import { describeToken, type Token } from './token.js';
import { InvalidDurationError, parseDuration } from './duration.js';

/** Reads the tokens of a query with two tokens of look-ahead, and reports errors in the same words as Prometheus. */
export class TokenReader {
  private readonly lexer: Lexer;
  private readonly ahead: Token[] = [];
  /** The end of the last token that was read. */
  lastEnd = 0;
  private openAggregations = 0;

  /** @param regexes the allowance for regular expressions, which several texts can share */
  constructor(
    readonly text: string,
    readonly regexes = new RegexAllowance(),
  ) {
    this.lexer = new Lexer(text);
  }

  /** Returns the next token without taking it. */
  peek(): Token {
    this.ahead[0] ??= this.lexer.next();
    return this.ahead[0];
  }

  /** Returns the token after the next one without taking either. */
  peekSecond(): Token {
    const next = this.peek();
    if (next.kind === 'end') return next;
    this.ahead[1] ??= this.lexer.next();
    return this.ahead[1];
  }

  take(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.ahead.shift();
    this.lastEnd = token.position.end;
    return token;
  }

  /** Returns whether the next token is this punctuation, operator or keyword. */
  sees(word: string): boolean {
    const token = this.peek();
    return token.word === word && token.kind !== 'identifier' && token.kind !== 'string';
  }

  takeIf(word: string): Token | null {
    return this.sees(word) ? this.take() : null;
  }

  /**
   * Calls `read` to read the grouping and the arguments of an aggregation. Until it returns, error messages mention the
   * aggregation.
   */
  insideAggregation<Result>(read: () => Result): Result {
    this.openAggregations++;
    const result = read();
    this.openAggregations--;
    return result;
  }

  /** Throws an error that says that the next token was not expected. */
  unexpected(context = this.openAggregations > 0 ? 'aggregation' : '', expected = ''): never {
    const token = this.peek();
    const where = context === '' ? '' : ` in ${context}`;
    const instead = expected === '' ? '' : `, expected ${expected}`;
    return this.fail(`unexpected ${describeToken(token)}${where}${instead}`, token.position);
  }

  fail(reason: string, position: Position): never {
    throw new PromqlSyntaxError(reason, this.text, position);
  }

  /** Returns the value of a string token. */
  stringValue(token: Token): string {
    const scanned = scanString(this.text, token.position.start);
    return 'problem' in scanned ? this.fail(scanned.problem, token.position) : scanned.value;
  }

  /** Returns the value of a number token, or the seconds of a duration token. */
  numberValue(token: Token): number {
    if (token.kind === 'duration') return this.durationSeconds(token);
    const number = parseNumber(token.text);
    return 'problem' in number ? this.fail(number.problem, token.position) : number.value;
  }

  private durationSeconds(token: Token): number {
    try {
      return parseDuration(token.text) / 1000;
    } catch (error) {
      if (error instanceof InvalidDurationError) return this.fail(error.message, token.position);
      throw error;
    }
  }
}
