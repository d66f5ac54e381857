import { scanNumberOrDuration } from './number-scanner.js';
import { PromqlSyntaxError } from '../promql-syntax.error.js';
import { quoteCharacter, quoteString, scanString } from './quoted-string.js';
import { DURATION_WORDS, kindOfWord, type Token, type TokenKind } from './token.js';

const SPACE = /[ \t\n\r]*/y;
const COMMENT = /#[^\r\n]*/y;
const WORD = /[A-Za-z_:][\w:]*/y;
const LABEL = /[A-Za-z_]\w*/y;
const LETTERS = /[A-Za-z_]+/y;
const ARITHMETIC: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%', '^']);

/**
 * Splits a query into tokens, one at a time, so that the first error in the text is reported.
 *
 * The meaning of a text depends on its context: inside braces, keywords are plain labels, and inside brackets, only durations are
 * allowed. Comments and spaces are skipped.
 */
export class Lexer {
  private at = 0;
  private openParentheses = 0;
  private isInBraces = false;
  private isInBrackets = false;
  /**
   * True inside brackets before the first number, where the rules for durations apply. After that number, the general rules
   * apply.
   */
  private isBeforeDuration = false;
  private hasColon = false;

  constructor(private readonly text: string) {}

  /** @throws PromqlSyntaxError if no token can start here. */
  next(): Token {
    if (this.isBeforeDuration) return this.nextOfDuration();
    this.skipSpaceAndComments();
    return this.isInBraces ? this.nextInBraces() : this.nextOfStatement();
  }

  private nextOfStatement(): Token {
    const character = this.character();
    if (character === '') return this.endOfInput();
    if (/\d/.test(character) || /^\.\d/.test(this.text.slice(this.at, this.at + 2))) return this.number();
    if (/["'`]/.test(character)) return this.string();
    if (/[A-Za-z_:]/.test(character)) return this.isInBrackets ? this.wordInBrackets() : this.word();
    if (ARITHMETIC.has(character) || character === '@') return this.take('operator', 1);
    switch (character) {
      case ',':
        return this.take('punctuation', 1);
      case '=':
        return this.equals();
      case '!':
        if (this.text[this.at + 1] === '=') return this.take('operator', 2);
        return this.unexpectedAfter('!', '');
      case '<':
      case '>':
        return this.take('operator', /[=/]/.test(this.text[this.at + 1] ?? '') ? 2 : 1);
      case '(':
      case ')':
        return this.parenthesis(character);
      case '{':
        this.isInBraces = true;
        return this.take('punctuation', 1);
      case '[':
        return this.openBracket();
      case ']':
        if (!this.isInBrackets) this.fail(`unexpected right bracket ${quoteCharacter(character)}`);
        this.isInBrackets = false;
        return this.take('punctuation', 1);
      default:
        return this.fail(`unexpected character: ${quoteCharacter(character)}`);
    }
  }

  private nextInBraces(): Token {
    const character = this.character();
    if (character === '') this.fail('unexpected end of input inside braces');
    if (/[A-Za-z_]/.test(character)) return this.take('identifier', this.lengthOf(LABEL));
    if (/["'`]/.test(character)) return this.string();
    const following = this.text[this.at + 1] ?? '';
    switch (character) {
      case ',':
        return this.take('punctuation', 1);
      case '=':
        return following === '~' ? this.take('operator', 2) : this.take('punctuation', 1);
      case '!':
        if (following === '~' || following === '=') return this.take('operator', 2);
        return this.unexpectedAfter('!', ' inside braces');
      case '{':
        return this.fail(`unexpected left brace ${quoteCharacter(character)}`);
      case '}':
        this.isInBraces = false;
        return this.take('punctuation', 1);
      default:
        return this.fail(`unexpected character inside braces: ${quoteCharacter(character)}`);
    }
  }

  private nextOfDuration(): Token {
    this.at += this.lengthOf(SPACE);
    const character = this.character();
    if (character === '') this.fail('unexpected end of input in duration expression');
    if (ARITHMETIC.has(character)) return this.take('operator', 1);
    if (/\d/.test(character) || /^\.\d/.test(this.text.slice(this.at, this.at + 2))) {
      this.isBeforeDuration = false;
      return this.number();
    }
    if (DURATION_WORDS.has(this.letters().toLowerCase())) return this.take('preprocessor', this.letters().length);
    switch (character) {
      case ']':
        this.isInBrackets = false;
        this.isBeforeDuration = false;
        return this.take('punctuation', 1);
      case ':':
        this.at++;
        return this.fail('unexpected colon before duration in duration expression');
      case '(':
      case ')':
        return this.parenthesis(character);
      case ',':
        return this.take('punctuation', 1);
      default:
        return this.fail(`unexpected character in duration expression: ${quoteCharacter(character)}`);
    }
  }

  private endOfInput(): Token {
    if (this.openParentheses > 0) this.fail('unclosed left parenthesis');
    if (this.isInBrackets) this.fail('unclosed left bracket');
    return this.take('end', 0);
  }

  private equals(): Token {
    const following = this.text[this.at + 1];
    if (following === '~') return this.unexpectedAfter('=', '');
    return following === '=' ? this.take('operator', 2) : this.take('punctuation', 1);
  }

  private parenthesis(character: '(' | ')'): Token {
    this.openParentheses += character === '(' ? 1 : -1;
    const token = this.take('punctuation', 1);
    if (this.openParentheses < 0) this.fail(`unexpected right parenthesis ${quoteCharacter(character)}`);
    return token;
  }

  private openBracket(): Token {
    if (this.isInBrackets) this.fail(`unexpected left bracket ${quoteCharacter('[')}`);
    this.isInBrackets = true;
    this.isBeforeDuration = true;
    this.hasColon = false;
    return this.take('punctuation', 1);
  }

  private word(): Token {
    const text = this.text.slice(this.at, this.at + this.lengthOf(WORD));
    const kind = kindOfWord(text);
    // `fill` is a keyword only before a parenthesis, where it must be the modifier. It was added to the language late, and
    // queries of metrics with that name would otherwise break.
    const isFill = kind === 'keyword' && /^fill/i.test(text);
    const isFollowedByParenthesis = /^[ \t\n\r]*\(/.test(this.text.slice(this.at + text.length));
    return this.take(isFill && !isFollowedByParenthesis ? 'identifier' : kind, text.length);
  }

  private wordInBrackets(): Token {
    const character = this.character();
    if (character === ':') {
      if (this.hasColon) this.fail(`unexpected colon ${quoteCharacter(character)}`);
      this.hasColon = true;
      return this.take('punctuation', 1);
    }
    const word = this.letters();
    if (DURATION_WORDS.has(word.toLowerCase())) return this.take('preprocessor', word.length);
    return this.fail(`unexpected character: ${quoteCharacter(character)}, expected ':'`);
  }

  private number(): Token {
    const { kind, end } = scanNumberOrDuration(this.text, this.at);
    if (kind !== 'bad') return this.take(kind, end - this.at);
    return this.fail(`bad number or duration syntax: ${quoteString(this.text.slice(this.at, end))}`);
  }

  private string(): Token {
    const scanned = scanString(this.text, this.at);
    return 'problem' in scanned ? this.fail(scanned.problem) : this.take('string', scanned.end - this.at);
  }

  private unexpectedAfter(character: string, where: string): never {
    const following = this.characterAt(this.at + 1) || '\ufffd';
    return this.fail(`unexpected character after '${character}'${where}: ${quoteCharacter(following)}`);
  }

  private skipSpaceAndComments(): void {
    for (let length = -1; length !== 0;) {
      length = this.lengthOf(SPACE);
      this.at += length;
      const comment = this.lengthOf(COMMENT);
      this.at += comment;
      length += comment;
    }
  }

  private take(kind: TokenKind, length: number): Token {
    const start = this.at;
    this.at += length;
    const text = this.text.slice(start, this.at);
    return { kind, text, word: text.toLowerCase(), position: { start, end: this.at } };
  }

  private fail(reason: string): never {
    throw new PromqlSyntaxError(reason, this.text, { start: this.at, end: this.text.length });
  }

  private letters(): string {
    return this.text.slice(this.at, this.at + this.lengthOf(LETTERS));
  }

  private lengthOf(pattern: RegExp): number {
    pattern.lastIndex = this.at;
    return pattern.exec(this.text)?.[0].length ?? 0;
  }

  private character(): string {
    return this.characterAt(this.at);
  }

  private characterAt(at: number): string {
    const code = this.text.codePointAt(at);
    return code === undefined ? '' : String.fromCodePoint(code);
  }
}
