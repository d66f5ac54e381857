import fc from 'fast-check';
import { unescapeLabelName } from './label-name.js';

/** Escapes a name as clients do, with Prometheus' "values" escaping. */
function escape(name: string): string {
  return `U__${[...name]
    .map((character) =>
      character === '_'
        ? '__'
        : /[a-zA-Z0-9:]/.test(character)
          ? character
          : `_${character.codePointAt(0)!.toString(16)}_`,
    )
    .join('')}`;
}

describe('unescapeLabelName', () => {
  it.each([
    ['job', 'job'],
    ['U__http_2e_status', 'http.status'],
    ['U__a__b', 'a_b'],
    ['U__', ''],
    ['U__a_zz_', 'U__a_zz_'],
    ['U__a_d800_', 'U__a_d800_'],
    ['U__a_110000_', 'U__a_110000_'],
  ])('makes %s %s', (name, expected) => {
    expect(unescapeLabelName(name)).toBe(expected);
  });

  it('undoes the escaping of any name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (name) => {
        expect(unescapeLabelName(escape(name))).toBe(name);
      }),
    );
  });
});
