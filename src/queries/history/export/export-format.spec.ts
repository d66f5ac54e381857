import { BadDataError } from '../../../http/answers/errors.js';
import { csvStyleOf, formatOf, type FormatRequest } from './export-format.js';

function refusalOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    const [{ path, message }] = (error as BadDataError).details as [{ path: string; message: string }];
    return `${path}: ${message}`;
  }
  throw new Error('It was not refused.');
}

describe('formatOf', () => {
  it.each<[FormatRequest, string | undefined, string]>([
    [{}, undefined, 'json'],
    [{}, 'text/csv', 'csv'],
    [{}, 'text/html', 'json'],
    [{ format: 'json' }, 'text/csv', 'json'],
    [{ format: 'csv' }, 'application/json', 'csv'],
    [{ format: 'excel', locale: 'de-DE' }, undefined, 'excel'],
  ])('returns the format of %j with Accept: %s', (request, accept, format) => {
    expect(formatOf(request, accept)).toBe(format);
  });

  it.each([
    ['exel', /^\/query\/format: .*json, csv, excel.*Did you mean excel\?$/],
    ['CSV', /Did you mean csv\?$/],
    ['xlsx', /Did you mean excel\?$/],
    ['yaml', /not "yaml"\.$/],
    ['', /not ""\.$/],
  ])('refuses %j', (format, message) => {
    expect(refusalOf(() => formatOf({ format }, undefined))).toMatch(message);
  });

  it('refuses a locale that has no effect', () => {
    expect(refusalOf(() => formatOf({ locale: 'de-DE' }, 'text/csv'))).toMatch(/^\/query\/locale: .*format=excel/);
  });
});

describe('csvStyleOf', () => {
  it.each([
    ['de-DE', ';'],
    ['de_DE', ';'],
    ['DE', ';'],
    ['en-US', ','],
    [undefined, ','],
  ])('reads the locale %s', (locale, separator) => {
    expect(csvStyleOf({ format: 'excel', locale }).separator).toBe(separator);
  });

  it.each(['de-DE.UTF-8', 'xx-YY', 'C', '', 'not a locale', '=1', 'de--DE', '-'.repeat(50)])(
    'refuses the locale %j',
    (locale) => {
      expect(refusalOf(() => csvStyleOf({ format: 'excel', locale }))).toMatch(/^\/query\/locale: .*such as de-DE/);
    },
  );

  it('refuses an unknown zone', () => {
    expect(refusalOf(() => csvStyleOf({ format: 'excel', tz: 'Europe/Berln' }))).toMatch(/Europe\/Berlin\?$/);
  });
});
