import fc from 'fast-check';
import { labelSetOf, labelsToText } from '../../catalog/series/label-set.js';
import { Series } from '../../catalog/series/series.js';
import { metricOf, NOW } from '../../../test/support/history-fixtures.js';
import { BadDataError } from '../../http/answers/errors.js';
import type { NameValidation } from '../../outside-text/name.js';
import { matcherOf, parseLabelFilter } from './label-filter.js';

const metric = metricOf('gauge');

function matches(
  texts: readonly string[],
  labels: Record<string, string>,
  validation: NameValidation = 'legacy',
): boolean {
  const series = new Series(1, 0, metric, labelsToText(labelSetOf(labels)), null, null, new Date(NOW));
  return matcherOf(parseLabelFilter(texts, validation))(series);
}

describe('label filter', () => {
  it.each([
    [[], { a: '1' }, true],
    [['a=1'], { a: '1', b: '2' }, true],
    [['a=1'], { a: '11' }, false],
    [['a=1'], { ba: '1' }, false],
    [['a=1', 'a=2'], { a: '2' }, true],
    [['a=1', 'b=2'], { a: '1', b: '3' }, false],
    [['a='], { b: '1' }, true],
    [['a='], { a: '1' }, false],
    [['a=', 'a=1'], { a: '1' }, true],
    [['a=x=y'], { a: 'x=y' }, true],
    [['a!=1'], { a: '2' }, true],
    [['a!=1'], { b: '1' }, true],
    [['a!=1'], { a: '1' }, false],
    [['a!=1', 'a!=2'], { a: '2' }, false],
    [['a!=1', 'a!=2'], { a: '3' }, true],
    [['a!=1', 'b=2'], { a: '3', b: '2' }, true],
    [['a!=1', 'b=2'], { a: '3', b: '3' }, false],
    [['a=1', 'a=2', 'a!=2'], { a: '1' }, true],
    [['a=1', 'a=2', 'a!=2'], { a: '2' }, false],
    [['a!='], { a: '1' }, true],
    [['a!='], { b: '1' }, false],
    [['a!=', 'a!=1'], { a: '1' }, false],
    [['a!=x=y'], { a: 'x=y' }, false],
    [['a=!=y'], { a: '!=y' }, true],
    // The text of one label occurs inside the value of another.
    [['b=,c='], { a: 'x,b=', c: '1' }, false],
    [['b!=1'], { a: 'x,b="1"' }, true],
  ])('%j fits %j: %s', (texts, labels, expected) => {
    expect(matches(texts, labels)).toBe(expected);
  });

  it('finds a series by each of its labels, with any value', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom('a', 'b', 'c'),
          fc.string({ minLength: 1, unit: fc.constantFrom('"', '\\', '\n', ',', '=', 'a') }),
        ),
        (labels) => {
          const texts = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
          expect(matches(texts, labels)).toBe(true);
          for (const text of texts) expect(matches([`${text}x`], labels)).toBe(false);
          for (const [name, value] of Object.entries(labels)) {
            expect(matches([`${name}!=${value}`], labels)).toBe(false);
            expect(matches([`${name}!=${value}x`], labels)).toBe(true);
          }
        },
      ),
    );
  });

  it.each([
    [['a.b=1'], { 'a.b': '1' }],
    [['größe=1', 'c=2'], { c: '2', größe: '1' }],
    [['U__a_3d_b=1'], { 'a=b': '1' }],
    [['a"=x=y'], { 'a"': 'x=y' }],
    [['a.b!=2'], { 'a.b': '1' }],
    [['U__a_21_=1'], { 'a!': '1' }],
    [['U__a_21_!=2'], { 'a!': '1' }],
  ])('%j fits %j if names may have any characters', (texts, labels) => {
    expect(matches(texts, labels, 'utf8')).toBe(true);
    expect(matches([...texts, 'z=1'], labels, 'utf8')).toBe(false);
  });

  it.each(['a', '=1', '!=1', '\ud800=1', '\0=1'])('refuses %j in any case', (text) => {
    expect(() => parseLabelFilter([text], 'utf8')).toThrow(BadDataError);
  });

  it.each(['a', '=1', '!=1', '1a=1', 'a-b=1', 'a-b!=1', ''])('refuses "%s"', (text) => {
    expect(() => parseLabelFilter([text], 'legacy')).toThrow(BadDataError);
  });
});
