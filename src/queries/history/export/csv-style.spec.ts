import fc from 'fast-check';
import { TimeZone } from '../calendar/time-zone.js';
import { csvField, CsvStyle } from './csv-style.js';

/** Parses one record according to RFC 4180. */
function parseRecord(text: string): string[] {
  expect(text.endsWith('\r\n')).toBe(true);
  const fields: string[] = [];
  for (const [, quoted, plain] of text.slice(0, -2).matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(?:,|$)/g)) {
    fields.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
  }
  return fields;
}

describe('CSV', () => {
  it.each([
    ['plain', 'plain'],
    ['', ''],
    ['a,b', '"a,b"'],
    ['a;b', '"a;b"'],
    ['1,5', '"1,5"'],
    ['-1,5', `"'-1,5"`],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
    [' edge ', '" edge "'],
    ['=1+1', "'=1+1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['-x', "'-x"],
    ['+49 30 1234', "'+49 30 1234"],
    ['\tx', `"'\tx"`],
    [' =1+1', "' =1+1"],
    ['\u00a0\u3000=1+1', "'\u00a0\u3000=1+1"],
    ['\ufeff=1+1', "'\ufeff=1+1"],
    ['\u0000\u200b@SUM(A1)', "'\u0000\u200b@SUM(A1)"],
    ['＝1+1', "'＝1+1"],
    ['　＝1+1', "'　＝1+1"],
    ['＋1', "'＋1"],
    ['－1', "'－1"],
    ['＠SUM(A1)', "'＠SUM(A1)"],
    ['\n=1', `"'\n=1"`],
    ['\r\n=1', `"'\r\n=1"`],
    ['a=1', 'a=1'],
    [' a=1', '" a=1"'],
    ['-5', '-5'],
    ['+1.5e-7', '+1.5e-7'],
  ])('writes %j as %j', (text, field) => {
    expect(csvField(text)).toBe(field);
  });

  it('can be read back for any texts', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ',', '"', '\r', '\n', ' ', 'é', '=') });
    fc.assert(
      fc.property(fc.array(text, { minLength: 2 }), (texts) => {
        const read = parseRecord(CsvStyle.plain().record(texts)).slice(0, texts.length);
        expect(read.map((field) => field.replace(/^'(?=[=\r\n]|[\s]*=)/, ''))).toEqual(texts);
      }),
    );
  });
});

describe('CsvStyle', () => {
  const zone = TimeZone.of('Europe/Berlin')!;

  it.each([
    ['en-US', ','],
    ['de-DE', ';'],
    ['fr-CA', ';'],
    ['de-CH', ','],
    ['ar-EG', ','],
    ['fa-IR', ','],
    ['en-u-nu-arab', ','],
  ])('separates fields in %s by %s, and says so in the first line', (locale, separator) => {
    const style = CsvStyle.excel(locale, zone);
    expect([style.prelude, style.separator]).toEqual([`\ufeffsep=${separator}\r\n`, separator]);
  });

  it.each([CsvStyle.plain(), CsvStyle.excel('en-US', zone), CsvStyle.excel('de-DE', zone)])(
    'writes every finite number so that it is read back bit for bit, without grouping and without quotes',
    (style) => {
      const mark = style.separator === ';' ? ',' : '.';
      fc.assert(
        fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
          const text = style.number(value);
          expect(text).toMatch(/^-?\d+(?:[.,]\d+)?(?:e[+-]\d+)?$/);
          expect(Number(text.replace(mark, '.'))).toBe(value);
        }),
        { numRuns: 2_000, examples: [[-0], [5e-324], [1.7976931348623157e308], [1e21], [-1e-7], [2 ** 53]] },
      );
      expect(style.number(NaN)).toBe('');
    },
  );

  it('writes local times that spreadsheets read as dates, and names their zone', () => {
    const style = CsvStyle.excel('de-DE', zone);
    expect(style.timeColumn('at')).toBe('at (Europe/Berlin)');
    expect(style.time(Date.parse('2026-10-24T22:30:01.999Z'))).toBe('2026-10-25 00:30:01');
    expect(style.time(Date.parse('2026-10-25T01:30:00Z'))).toBe('2026-10-25 02:30:00');
  });

  it('writes times for programs in UTC with milliseconds', () => {
    expect([CsvStyle.plain().timeColumn('at'), CsvStyle.plain().time(1.5e12)]).toEqual([
      'at',
      '2017-07-14T02:40:00.000Z',
    ]);
  });

  it('never lets a text in a record begin a formula, whatever precedes its sign', () => {
    const style = CsvStyle.excel('de-DE', zone);
    const unit = fc.constantFrom(
      ' ',
      '\t',
      '\u00a0',
      '\u3000',
      '\ufeff',
      '\u0000',
      '\u200b',
      '=',
      '＝',
      '-',
      '@',
      '1',
      'x',
      ';',
    );
    fc.assert(
      fc.property(fc.string({ unit, minLength: 1 }), (text) => {
        const cell = style
          .record([text])
          .slice(0, -2)
          .replace(/^"(.*)"$/s, '$1');
        const isNumber = /^[+-]?\d+$/.test(text);
        expect(/^[\s\p{Cc}\p{Cf}\p{Z}]*[=＝@-]/u.test(cell) && !isNumber).toBe(false);
      }),
    );
  });
});
