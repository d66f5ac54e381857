import { Lexer } from './lexer.js';
import { PromqlSyntaxError } from '../promql-syntax.error.js';
import type { Token } from './token.js';

function tokensOf(text: string): Token[] {
  const lexer = new Lexer(text);
  const tokens: Token[] = [];
  for (let token = lexer.next(); token.kind !== 'end'; token = lexer.next()) tokens.push(token);
  return tokens;
}

function kindsOf(text: string): string[] {
  return tokensOf(text).map(({ kind, text: written }) => `${kind} ${written}`);
}

function errorOf(text: string): string {
  try {
    tokensOf(text);
  } catch (error) {
    if (error instanceof PromqlSyntaxError) return error.message;
    throw error;
  }
  throw new Error(`${text} was taken`);
}

describe('Lexer', () => {
  it.each(['1', '1.', '.5', '1e3', '1E-3', '0x1F', '1_000', 'Inf', 'nan', '017'])('reads the number %s', (text) => {
    expect(kindsOf(text)).toEqual([`number ${text}`]);
  });

  it.each(['5m', '1h30m', '10ms', '1y2w3d'])('reads the duration %s', (text) => {
    expect(kindsOf(text)).toEqual([`duration ${text}`]);
  });

  it.each([
    ['1.2.3', '1:1: parse error: bad number or duration syntax: "1.2."'],
    ['5mm', '1:1: parse error: bad number or duration syntax: "5mm"'],
    ['12abc', '1:1: parse error: bad number or duration syntax: "12"'],
    ['0xg', '1:1: parse error: bad number or duration syntax: "0x"'],
    ['1e', '1:1: parse error: bad number or duration syntax: "1e"'],
  ])('refuses the number %s', (text, message) => {
    expect(errorOf(text)).toBe(message);
  });

  it('accepts keywords in any case, but function names only as written', () => {
    expect(tokensOf('SUM By oFFset Rate').map(({ kind, word, text }) => [kind, word, text])).toEqual([
      ['aggregator', 'sum', 'SUM'],
      ['keyword', 'by', 'By'],
      ['keyword', 'offset', 'oFFset'],
      ['identifier', 'rate', 'Rate'],
    ]);
  });

  it('reads keywords as labels inside braces', () => {
    expect(kindsOf('a{by="x",or!~"y"}')).toEqual([
      'identifier a',
      'punctuation {',
      'identifier by',
      'punctuation =',
      'string "x"',
      'punctuation ,',
      'identifier or',
      'operator !~',
      'string "y"',
      'punctuation }',
    ]);
  });

  it('reads `fill` as a name unless a parenthesis follows', () => {
    expect(kindsOf('fill + fill (0)').slice(0, 3)).toEqual(['identifier fill', 'operator +', 'keyword fill']);
  });

  it('skips spaces and comments, also in a row and inside braces', () => {
    expect(kindsOf('# one\n# two\r\n a # three\n{ # four\n} # five')).toEqual([
      'identifier a',
      'punctuation {',
      'punctuation }',
    ]);
  });

  it('reads names with colons', () => {
    expect(kindsOf('job:rate5m :x')).toEqual(['metric job:rate5m', 'metric :x']);
  });

  it.each([
    ['(1', '1:3: parse error: unclosed left parenthesis'],
    ['1)', "1:3: parse error: unexpected right parenthesis ')'"],
    ['a]', "1:2: parse error: unexpected right bracket ']'"],
    ['a[1m', '1:5: parse error: unclosed left bracket'],
    ['a[', '1:3: parse error: unexpected end of input in duration expression'],
    ['a[[', "1:3: parse error: unexpected character in duration expression: '['"],
    ['a[1m[', "1:5: parse error: unexpected left bracket '['"],
    ['a[:', '1:4: parse error: unexpected colon before duration in duration expression'],
    ['a[1m::', "1:6: parse error: unexpected colon ':'"],
    ['a[1m x', "1:6: parse error: unexpected character: 'x', expected ':'"],
    ['a{', '1:3: parse error: unexpected end of input inside braces'],
    ['a{1', "1:3: parse error: unexpected character inside braces: '1'"],
    ['a{b!', "1:4: parse error: unexpected character after '!' inside braces: '\ufffd'"],
    ['1 =~ 2', "1:3: parse error: unexpected character after '=': '~'"],
    ['1 ! 2', "1:3: parse error: unexpected character after '!': ' '"],
    ['"ä" $', "1:6: parse error: unexpected character: '$'"],
    ['\n\n  $', "3:3: parse error: unexpected character: '$'"],
  ])('refuses %j', (text, message) => {
    expect(errorOf(text)).toBe(message);
  });
});
