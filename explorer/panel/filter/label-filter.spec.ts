import fc from 'fast-check';
import { formatHash, parseHash } from '../../router/route.js';
import {
  filterFromAddress,
  filterParameter,
  filterText,
  filterToAddress,
  nameParameter,
  withFilters,
  type LabelFilter,
} from './label-filter.js';
import { newPanel, panelsOf, withPanels } from '../panel-state.js';

const filter = (label: string, value: string, isExcluded = false): LabelFilter => ({ label, value, isExcluded });

/** Texts with many characters that have a special meaning in the address or in a request. */
const nasty = fc.string({
  unit: fc.oneof(fc.constantFrom(...'=!,%&#+ "\'\\\n\r\t*./?:;_U25c'), fc.string({ unit: 'grapheme', maxLength: 1 })),
  maxLength: 12,
});
const names = nasty.filter((name) => name !== '');
const filters = fc.record({ label: names, value: nasty, isExcluded: fc.boolean() });

describe('a filter in the address', () => {
  it.each([
    ['status=paid', filter('status', 'paid')],
    ['status!=paid', filter('status', 'paid', true)],
    ['region=', filter('region', '')],
    ['path=/a=b', filter('path', '/a=b')],
    ['path=!=b', filter('path', '!=b')],
    ['a%3db%21=x', filter('a=b!', 'x')],
  ])('%s is read, and written in the same way', (text, expected) => {
    expect(filterFromAddress(text)).toEqual(expected);
    expect(filterToAddress(expected)).toBe(text);
  });

  it.each(['', '=', '=x', '!=x', 'status'])('%j is none', (text) => {
    expect(filterFromAddress(text)).toBeNull();
  });

  it('comes back with every character of its name and value, and so do the labels that lines are grouped by', () => {
    fc.assert(
      fc.property(fc.array(filters, { maxLength: 4 }), fc.array(names, { maxLength: 3 }), (chosen, by) => {
        const panel = { ...newPanel({ metric: 'm' }), filters: chosen, by };
        const hash = formatHash('explore', withPanels(new URLSearchParams(), [panel]));
        // The browser may write a hash with other escapes.
        const shown = new URL(`http://localhost/${hash}`).hash;
        expect(panelsOf(parseHash(hash).params)).toEqual([panel]);
        expect(panelsOf(parseHash(shown).params)).toEqual([panel]);
      }),
    );
  });
});

describe('a filter of a request', () => {
  it.each([
    [filter('status', 'paid'), 'status=paid'],
    [filter('status', 'paid', true), 'status!=paid'],
    [filter('a.b', 'x=y'), 'a.b=x=y'],
    [filter('a=b', 'x'), 'U__a_3d_b=x'],
    [filter('a_b!', 'x', true), 'U__a__b_21_!=x'],
    [filter('a!b', 'x'), 'a!b=x'],
  ])('%j is %s', (given, expected) => {
    expect(filterParameter(given)).toBe(expected);
  });

  it.each([
    ['x,y', 'U__x_2c_y'],
    ['*', 'U___2a_'],
    ['..', 'U___2e__2e_'],
    ['火=', 'U___706b__3d_'],
    ['plain', 'plain'],
  ])('writes the name %s as %s, which no rule of the routes splits', (name, expected) => {
    expect(nameParameter(name)).toBe(expected);
  });
});

describe('a further filter', () => {
  it('replaces the opposite one, and is not added twice', () => {
    const given = [filter('a', 'x'), filter('a', 'y')];
    expect(withFilters(given, [filter('a', 'x', true)])).toEqual([filter('a', 'y'), filter('a', 'x', true)]);
    expect(withFilters(given, [filter('a', 'y')])).toEqual(given);
  });

  it('says what it does', () => {
    expect([filter('a', 'x'), filter('a', '', true)].map(filterText)).toEqual(['a = x', 'a ≠ (none)']);
  });
});
