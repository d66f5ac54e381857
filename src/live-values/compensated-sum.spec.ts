import fc from 'fast-check';
import { addCompensated, CompensatedSum } from './compensated-sum.js';

function add(sum: CompensatedSum, value: number): number {
  sum.add(value);
  return sum.high;
}

function sumOf(terms: readonly number[]): number {
  const sum = new CompensatedSum();
  for (const term of terms) add(sum, term);
  return sum.high;
}

/** Returns the sum of doubles that are multiples of 2^-60, rounded once. */
function exactSumOf(terms: readonly number[]): number {
  const scaled = terms.reduce((total, term) => total + BigInt(term * 2 ** 60), 0n);
  // `Number()` rounds a BigInt to the nearest double, and ties to even, as the addition of doubles does.
  return Number(scaled) / 2 ** 60;
}

/**
 * Generates realistic deltas: hundredths, byte counts, and times in seconds. Their sum is exact in any order as long as it is
 * less than 2^53 times the smallest term.
 */
const delta = fc.oneof(
  fc.nat(1_000_000).map((cents) => cents / 100),
  fc.nat({ max: 2 ** 31 - 1 }),
  fc.double({ min: 2 ** -7, max: 1e9, noNaN: true }),
);
const deltas = fc.array(delta, { minLength: 1, maxLength: 60 });
const shuffled = deltas.chain((terms) =>
  fc.tuple(fc.constant(terms), fc.shuffledSubarray(terms, { minLength: terms.length })),
);
const finite = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true });

describe('a compensated sum', () => {
  it('gives the same sum in every order, rounded once', () => {
    fc.assert(
      fc.property(shuffled, ([terms, others]) => {
        expect(sumOf(others)).toBe(sumOf(terms));
        expect(sumOf(terms)).toBe(exactSumOf(terms));
      }),
      { numRuns: 2_000 },
    );
  });

  it('ignores stale markers in any position', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(delta, fc.constant(NaN)), { maxLength: 60 }), (terms) => {
        expect(sumOf(terms)).toBe(sumOf(terms.filter((term) => !Number.isNaN(term))));
      }),
    );
    expect(sumOf([Infinity, NaN])).toBe(Infinity);
  });

  it('gives the same sum, to the last bit of both doubles, when it takes many values at once', () => {
    const any = fc.oneof(delta, fc.double());
    fc.assert(
      fc.property(fc.array(any, { maxLength: 60 }), fc.nat(60), (terms, from) => {
        const apart = new CompensatedSum(1);
        for (const term of terms.slice(from)) apart.add(term);
        const together = new CompensatedSum(1);
        together.addAll(Float64Array.from(terms), Math.min(from, terms.length), terms.length);
        expect([together.high, together.low]).toEqual([apart.high, apart.low]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('gives the same sum when it continues from a stored one', () => {
    fc.assert(
      fc.property(deltas, fc.nat(60), (terms, stop) => {
        const first = new CompensatedSum();
        for (const term of terms.slice(0, stop)) add(first, term);
        const restored = new CompensatedSum(first.high);
        restored.add(first.low);
        for (const term of terms.slice(stop)) add(restored, term);
        expect(restored.high).toBe(sumOf(terms));
      }),
    );
  });

  it('never falls, whatever finite terms are added', () => {
    fc.assert(
      fc.property(fc.array(finite, { maxLength: 40 }), (terms) => {
        const sum = new CompensatedSum();
        let before = 0;
        for (const term of terms) {
          const after = add(sum, term);
          expect(after).toBeGreaterThanOrEqual(before);
          before = after;
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps the part that a plain sum of doubles loses', () => {
    expect(sumOf(Array.from({ length: 10 }, () => 0.1))).toBe(1);
    expect(sumOf([2 ** 53, 1, 1])).toBe(2 ** 53 + 2);
    expect(sumOf([1, 2 ** 53, 1])).toBe(2 ** 53 + 2);
  });

  it('goes to infinity and stays there', () => {
    const sum = new CompensatedSum();
    add(sum, Number.MAX_VALUE);
    expect(add(sum, Number.MAX_VALUE)).toBe(Infinity);
    expect(add(sum, 1)).toBe(Infinity);
  });

  it('starts from nothing after a reset', () => {
    const sum = new CompensatedSum(2 ** 53);
    add(sum, 1);
    expect([sum.high, sum.low]).toEqual([2 ** 53, 1]);
    sum.reset();
    expect([sum.high, sum.low, add(sum, 0.1)]).toEqual([0, 0, 0.1]);
  });

  it('changes only the sum with the given index', () => {
    const highs = Float64Array.of(1, 2, 3);
    const lows = Float64Array.of(0.1, 0.2, 0.3);
    addCompensated(highs, lows, 1, 5);
    expect([highs[0], highs[2], lows[0], lows[2]]).toEqual([1, 3, 0.1, 0.3]);
    expect(highs[1]).toBe(7.2);
  });
});
