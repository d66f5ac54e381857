import fc from 'fast-check';
import { estimateRegexSize } from './regex-size.js';

describe('estimateRegexSize', () => {
  it.each([
    ['abc', 3],
    ['a{10}', 11],
    ['ab{2,5}', 7],
    ['(ab){10}', 33],
    ['((a{10}){10})', 133],
    ['[a-z]{10}', 22],
    ['[]a]b', 3],
    ['\\{10}', 4],
    ['((a', 3],
    ['\\pL\\p{Greek}', 40],
    ['\\p{', 20],
    ['a{x}', 4],
  ])('of %s is %d', (pattern, size) => {
    expect(estimateRegexSize(pattern)).toBe(size);
  });

  it('accepts any text, in linear time', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('(', ')', '[', ']', '{', '}', '\\', 'p', '1', ',', '^', ':')), (parts) => {
        expect(estimateRegexSize(parts.join(''))).toBeGreaterThanOrEqual(0);
      }),
    );
    expect(estimateRegexSize('['.repeat(100_000))).toBeGreaterThan(0);
    expect(estimateRegexSize('\\p{'.repeat(30_000))).toBeGreaterThan(0);
    expect(estimateRegexSize('[[:'.repeat(30_000))).toBeGreaterThan(0);
  });
});
