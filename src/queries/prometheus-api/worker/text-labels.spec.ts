import fc from 'fast-check';
import { labelsToText } from '../../../catalog/series/label-set.js';
import { TextLabels } from './text-labels.js';

const label = fc
  .oneof(fc.constantFrom('a', 'b', 'a.b', 'a"b'), fc.string({ minLength: 1 }))
  .filter((name) => name !== '__name__');
const value = fc.oneof(fc.constantFrom('1', 'a="1",b="2"', '\\', '\n'), fc.string({ minLength: 1 }));
const labels = fc.uniqueArray(fc.tuple(label, value), { selector: ([name]) => name, maxLength: 4 });

describe('TextLabels', () => {
  it('are a map of the name and the labels, whether all of them are read or one', () => {
    fc.assert(
      fc.property(labels, label, fc.boolean(), (given, other, isParsed) => {
        const expected = new Map([['__name__', 'requests_total'], ...given]);
        const found = new TextLabels('requests_total', labelsToText(given));
        if (isParsed) expect(new Map(found)).toEqual(expected);
        for (const name of [...expected.keys(), other]) {
          expect([found.has(name), found.get(name)]).toEqual([expected.has(name), expected.get(name)]);
        }
        const seen: [string, string][] = [];
        found.forEach((each, name) => seen.push([name, each]));
        for (const entries of [seen, found, found.entries()]) expect([...entries]).toEqual([...expected]);
        expect([[...found.keys()], [...found.values()]]).toEqual([[...expected.keys()], [...expected.values()]]);
        expect(found.size).toBe(expected.size);
      }),
    );
  });
});
