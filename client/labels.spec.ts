import { readLabels } from './labels.js';

describe('readLabels', () => {
  test('sorts by name, converts scalars to text, and treats empty values as absent labels', () => {
    const labels = { b: 2, a: 'x', c: true, d: undefined, e: null, f: '', g: 10n };
    expect(readLabels(labels)).toEqual([
      ['a', 'x'],
      ['b', '2'],
      ['c', 'true'],
      ['g', '10'],
    ]);
  });

  test('a label of the call overrides one of the client, even if it removes the label', () => {
    const fixed = [['app', 'shop'] as const, ['zone', 'a'] as const];
    expect(readLabels({ app: 'checkout', zone: '' }, fixed)).toEqual([['app', 'checkout']]);
    expect(readLabels(undefined, fixed)).toBe(fixed);
  });

  test.each([['text'], [7], [['a']], [{ a: {} }], [{ a: () => 1 }], [{ a: Symbol('a') }]])(
    'refuses labels that are not scalars: %p',
    (labels) => expect(readLabels(labels)).toBeUndefined(),
  );
});
