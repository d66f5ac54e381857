import fc from 'fast-check';
import { csvField, csvRecord } from './csv.js';

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
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
    [' edge ', '" edge "'],
    ['=1+1', "'=1+1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['-x', "'-x"],
    ['+49 30 1234', "'+49 30 1234"],
    ['\tx', "'\tx"],
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
        const read = parseRecord(csvRecord(texts)).slice(0, texts.length);
        expect(read.map((field) => field.replace(/^'(?=[=\r\n]|[\s]*=)/, ''))).toEqual(texts);
      }),
    );
  });
});
