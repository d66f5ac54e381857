import fc from 'fast-check';
import { quoteCharacter, quoteString, scanString } from './quoted-string.js';

describe('scanString', () => {
  it.each([
    ['"plain"', 'plain'],
    [`'it\\'s "it"'`, `it's "it"`],
    ['`raw \\n\nline`', 'raw \\n\nline'],
    ['"\\a\\b\\f\\n\\r\\t\\v\\\\"', '\u0007\b\f\n\r\t\v\\'],
    ['"\\x41\\101\\u00e4\\U0001F600"', 'AAä😀'],
    ['"\\xc3\\xa4"', 'ä'],
  ])('reads %s', (text, value) => {
    expect(scanString(text, 0)).toEqual({ end: text.length, value });
  });

  it('keeps invalid UTF-8 bytes apart from every valid text', () => {
    const scanned = scanString('"a\\xffä\\xc3"', 0);
    expect(scanned).toMatchObject({ value: 'a\udcffä\udcc3' });
    expect(quoteString('a\udcffä\udcc3')).toBe('"a\\xffä\\xc3"');
  });

  it.each([
    ['"open', 'unterminated quoted string'],
    ['"line\nbreak"', 'unterminated quoted string'],
    ['`open', 'unterminated raw string'],
    ['"\\', 'escape sequence not terminated'],
    ['"\\x4', 'escape sequence not terminated'],
    ['"\\c"', "unknown escape sequence U+0063 'c'"],
    [`"\\'"`, "unknown escape sequence U+0027 '''"],
    ['"\\xg0"', "illegal character U+0067 'g' in escape sequence"],
    ['"\\400"', 'escape sequence is an invalid Unicode code point'],
    ['"\\ud800"', 'escape sequence is an invalid Unicode code point'],
    ['"\\UFFFFFFFF"', 'escape sequence is an invalid Unicode code point'],
    ['"\ud800"', 'invalid UTF-8 rune'],
    ['`\ufffd`', 'invalid UTF-8 rune'],
  ])('refuses %j', (text, problem) => {
    expect(scanString(text, 0)).toEqual({ problem });
  });
});

describe('quoteString', () => {
  it('escapes unprintable characters, as Go does', () => {
    expect(quoteString('"\\\n\u0001\u007f\u200b\u{e0001}ä ')).toBe('"\\"\\\\\\n\\x01\\x7f\\u200b\\U000e0001ä "');
    expect(quoteCharacter("'")).toBe("'\\''");
  });

  it('writes a text that is read back unchanged', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        fc.pre(!value.includes('\ufffd'));
        const quoted = quoteString(value);
        expect(scanString(quoted, 0)).toEqual({ end: quoted.length, value });
      }),
    );
  });
});
