import fc from 'fast-check';

import {
  compareLabels,
  compareText,
  dropMetadata,
  isLabelName,
  keyOfLabels,
  keyWithoutLabels,
  labelKey,
  labelText,
  withLabel,
} from './labels.js';

const labelMap = fc
  .dictionary(fc.string(), fc.string({ minLength: 1 }))
  .map((record) => new Map(Object.entries(record)));

describe('labels', () => {
  it('have the same key in any order', () => {
    expect(
      labelKey(
        new Map([
          ['a', '1'],
          ['b', '2'],
        ]),
      ),
    ).toBe(
      labelKey(
        new Map([
          ['b', '2'],
          ['a', '1'],
        ]),
      ),
    );
  });

  it('have different keys when they differ, with any characters', () => {
    fc.assert(
      fc.property(labelMap, labelMap, (left, right) => {
        const areEqual = compareLabels(left, right) === 0;
        expect(labelKey(left) === labelKey(right)).toBe(areEqual);
      }),
    );
  });

  it('have the same key for a subset as a set of only those labels', () => {
    const labels = new Map([
      ['job', 'a'],
      ['instance', 'b'],
      ['zone', 'c'],
    ]);
    expect(keyOfLabels(labels, ['instance', 'missing', 'zone'])).toBe(
      labelKey(
        new Map([
          ['instance', 'b'],
          ['zone', 'c'],
        ]),
      ),
    );
    expect(keyWithoutLabels(labels, new Set(['job']))).toBe(
      labelKey(
        new Map([
          ['instance', 'b'],
          ['zone', 'c'],
        ]),
      ),
    );
  });

  it('are ordered by the bytes of UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
    expect(compareText('\uE000', '\u{1F600}')).toBeLessThan(0);
  });

  it('lose name, type and unit when a value gets another meaning', () => {
    const labels = new Map([
      ['__name__', 'x'],
      ['__type__', 'counter'],
      ['__unit__', 's'],
      ['job', 'a'],
    ]);
    expect([...dropMetadata(labels)]).toEqual([['job', 'a']]);
  });

  it('do not exist with an empty value', () => {
    expect([...withLabel(new Map([['a', '1']]), 'a', '')]).toEqual([]);
  });

  it('are written as in Prometheus', () => {
    expect(
      labelText(
        new Map([
          ['job', 'a"b'],
          ['__name__', 'up'],
          ['my.label', 'x'],
        ]),
      ),
    ).toBe('{__name__="up", job="a\\"b", "my.label"="x"}');
  });

  it('may have any non-empty text as a name', () => {
    expect(['a', 'my.label', 'ü'].every(isLabelName)).toBe(true);
    expect(['', '\uDC80', '\uFFFD'].some(isLabelName)).toBe(false);
  });
});
