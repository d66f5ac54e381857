import fc from 'fast-check';
import { TimeZone } from '../calendar/time-zone.js';
import { CsvRows } from './csv-rows.js';
import { CsvStyle } from './csv-style.js';

function written(write: (rows: CsvRows) => void, mark: ',' | '.' = '.'): string {
  const rows = new CsvRows(mark);
  write(rows);
  return Buffer.from(rows.take()).toString();
}

const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.tuple(fc.maxSafeInteger(), fc.nat(6)).map(([integer, decimals]) => integer / 10 ** decimals),
  fc.tuple(fc.integer(), fc.nat(4)).map(([integer, decimals]) => integer / 10 ** decimals),
);

describe('the rows of a CSV, as bytes', () => {
  it('have the same numbers as a text', () => {
    const german = CsvStyle.excel('de-DE', TimeZone.utc());
    fc.assert(
      fc.property(number, (value) => {
        expect(written((rows) => rows.number(value))).toBe(CsvStyle.plain().number(value));
        expect(written((rows) => rows.number(value), ',')).toBe(german.number(value));
      }),
      {
        numRuns: 20_000,
        examples: [0, -0, 0.1, 0.001, 0.0005, 1e15, 1e21, 99_999_999, 100_000_000, 0.30000000000000004, 5e-324].map(
          (each): [number] => [each],
        ),
      },
    );
  });

  it('have the same times as a text', () => {
    const time = fc.oneof(
      fc.integer({ min: Date.UTC(2020), max: Date.UTC(2040) }),
      fc.date({ noInvalidDate: true }).map((date) => date.getTime()),
    );
    fc.assert(
      fc.property(fc.array(time), (times) => {
        const texts = times.map((at) => new Date(at).toISOString());
        expect(written((rows) => times.forEach((at) => rows.time(at)))).toBe(texts.join(''));
      }),
    );
  });

  it('have texts of any length', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.nat(200_000), (texts, length) => {
        const all = [...texts, 'é'.repeat(length)];
        expect(written((rows) => all.forEach((text) => rows.text(text)))).toBe(all.join(''));
      }),
      { numRuns: 50 },
    );
  });
});
