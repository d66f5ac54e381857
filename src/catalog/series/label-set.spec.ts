import fc from 'fast-check';
import {
  escapeLabelValue,
  forEachLabelIn,
  labelInText,
  labelNameToText,
  labelsFromText,
  labelSetOf,
  labelsToText,
  mayHaveQuotedNames,
  sortLabels,
} from './label-set.js';
import { isLabelName } from '../../outside-text/name.js';

/** Generates any text, including lone surrogates and control characters, and often characters that need an escape. */
const text = fc.oneof(
  fc.string(),
  fc.array(fc.nat(0xffff)).map((codes) => String.fromCharCode(...codes)),
  fc.string({ unit: fc.constantFrom('\\', '"', '\n', 'n', ',', '=', '}', 'a') }),
);
const labelName = fc
  .oneof(fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,5}$/), text)
  .filter((name) => name !== '' && !name.startsWith('__'));
const labels = fc.dictionary(labelName, text, { maxKeys: 5, noNullPrototype: true });

describe('labels as text', () => {
  it('can be read back', () => {
    fc.assert(
      fc.property(labels, (record) => {
        expect(labelsFromText(labelsToText(labelSetOf(record)))).toEqual(record);
      }),
      { numRuns: 2_000 },
    );
  });

  it('can be read label by label', () => {
    fc.assert(
      fc.property(labels, labelName, (record, other) => {
        const labelsText = labelsToText(labelSetOf(record));
        const seen: [string, string][] = [];
        forEachLabelIn(labelsText, (name, value) => seen.push([name, value]));
        expect(Object.fromEntries(seen)).toEqual(record);
        expect(seen).toHaveLength(Object.keys(record).length);
        for (const name of [...Object.keys(record), other]) {
          expect(labelInText(labelsText, labelNameToText(name))).toBe(
            Object.hasOwn(record, name) ? record[name] : undefined,
          );
        }
        if (!mayHaveQuotedNames(labelsText)) expect(Object.keys(record).every((name) => isLabelName(name))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
    // The value ends with text that looks like a label with the wanted name.
    expect(labelInText(labelsToText([['a', 'x,b=']]), 'b')).toBeUndefined();
  });

  it('is the same for any order of the labels, and differs for other labels', () => {
    fc.assert(
      fc.property(labels, labels, (one, other) => {
        const reversed = Object.fromEntries(Object.entries(one).toReversed());
        expect(labelsToText(labelSetOf(reversed))).toBe(labelsToText(labelSetOf(one)));
        const isSame = JSON.stringify(labelSetOf(one)) === JSON.stringify(labelSetOf(other));
        expect(labelsToText(labelSetOf(one)) === labelsToText(labelSetOf(other))).toBe(isSame);
      }),
    );
  });

  // Unleash stored the two label sets of this test under one key, and lost one of them.
  it('distinguishes a comma in a value from the next label', () => {
    expect(labelsToText(labelSetOf({ a: '1,b=2' }))).not.toBe(labelsToText(labelSetOf({ a: '1', b: '2' })));
    expect(labelsToText(labelSetOf({ a: '1",b="2' }))).toBe(String.raw`a="1\",b=\"2"`);
  });

  it('has names in quotes only if older versions of Prometheus do not allow them', () => {
    expect(labelsToText(labelSetOf({ a: '1', 'b.c': '2', 'd"\n\\': '3' }))).toBe(
      String.raw`a="1","b.c"="2","d\"\n\\"="3"`,
    );
    expect(mayHaveQuotedNames('a="1",b="x\\",\\"y"')).toBe(false);
  });

  it('is empty without labels', () => {
    expect(labelsToText([])).toBe('');
    expect(labelsFromText('')).toEqual({});
  });
});

describe('escapeLabelValue', () => {
  it('escapes every line feed, and every quote that would end the value', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(escapeLabelValue(value)).toMatch(/^(?:[^\\"\n]|\\[\\"n])*$/);
      }),
    );
  });
});

describe('sortLabels', () => {
  it('sorts by code units, and does not change its argument', () => {
    const given: [string, string][] = [
      ['b', '1'],
      ['_', '2'],
      ['B', '3'],
      ['a1', '4'],
      ['a', '5'],
    ];
    const before = structuredClone(given);
    expect(sortLabels(given).map(([name]) => name)).toEqual(['B', '_', 'a', 'a1', 'b']);
    expect(given).toEqual(before);
  });
});
