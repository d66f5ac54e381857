import fc from 'fast-check';
import { chooseOffer, parseAccept } from './accept.js';

const JSON_OFFER = { mediaType: 'application/json' };
const CSV_OFFER = { mediaType: 'text/csv' };
const OFFERS = [JSON_OFFER, CSV_OFFER];

const chosen = (header: string | undefined) => chooseOffer(header, OFFERS)?.offer;

describe('chooseOffer', () => {
  test.each([
    [undefined, JSON_OFFER],
    ['*/*', JSON_OFFER],
    ['text/csv', CSV_OFFER],
    ['text/csv; charset=utf-8', CSV_OFFER],
    ['text/csv;header=present', CSV_OFFER],
    ['TEXT/CSV', CSV_OFFER],
    ['text/*', CSV_OFFER],
    ['*/*, text/csv', CSV_OFFER],
    ['text/csv;q=0.5, application/json;q=0.4', CSV_OFFER],
    ['text/csv;q=0.4, application/json;q=0.5', JSON_OFFER],
    ['text/csv, application/json', CSV_OFFER],
    ['application/json, text/csv', JSON_OFFER],
    ['text/csv;q=0, */*;q=0.1', JSON_OFFER],
    ['application/json;q=0, */*;q=0.1', CSV_OFFER],
    ['text/html, application/xhtml+xml, */*;q=0.8', JSON_OFFER],
    ['text/csv; note="a, b; q=0"', CSV_OFFER],
    ['text/csv;q=nonsense', CSV_OFFER],
    ['text/html', undefined],
    ['', undefined],
    ['text/csv;q=0', undefined],
  ])('%j', (header, expected) => expect(chosen(header)).toBe(expected));

  it('distinguishes versions, and accepts any version if the header names none', () => {
    const old = { mediaType: 'text/plain', version: '0.0.4' };
    const young = { mediaType: 'text/plain', version: '1.0.0' };
    const among = (header: string) => chooseOffer(header, [old, young])?.offer;
    expect(among('text/plain')).toBe(old);
    expect(among('text/plain;version=1.0.0')).toBe(young);
    expect(among('text/plain;version="1.0.0"')).toBe(young);
    expect(among('text/plain;version=2.0.0')).toBeUndefined();
    expect(among('text/plain;version=1.0.0;q=0.1,text/plain;q=0.2')).toBe(old);
  });
});

describe('parseAccept', () => {
  it('reads any text without failing', () => {
    const unit = fc.constantFrom(',', ';', '=', '"', '\\', '/', '*', 'q', '0', '.', '1', ' ', 'a', 'text/csv');
    fc.assert(
      fc.property(fc.string({ unit }), (header) => {
        for (const { quality } of parseAccept(header)) {
          expect(quality).toBeGreaterThanOrEqual(0);
          expect(quality).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it.each([',', ';', '"', '\\', '*/*,', 'a/b;q=', ' '])('reads a megabyte of %j quickly', (unit) => {
    const header = unit.repeat(1e6 / unit.length);
    const before = process.cpuUsage();
    parseAccept(header);
    const { user } = process.cpuUsage(before);
    expect(user / 1e6).toBeLessThan(2);
  });
});
