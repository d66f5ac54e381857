import fc from 'fast-check';
import { BadDataError } from '../../../http/answers/errors.js';
import { bucketOf, chooseStep, gridOf } from './step.js';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;
const to = Date.parse('2026-11-24T12:00:00Z');

describe('chooseStep', () => {
  it.each([
    [5 * 60 * SECOND, SECOND],
    [HOUR, 15 * SECOND],
    [6 * HOUR, 2 * 60 * SECOND],
    [DAY, 10 * 60 * SECOND],
    [7 * DAY, HOUR],
    [30 * DAY, 3 * HOUR],
    [91 * DAY, 12 * HOUR],
    [3_650 * DAY, DAY],
  ])('splits %d ms into buckets of a round length', (span, step) => {
    expect(chooseStep({ from: to - span, to }, 11_000)).toBe(step);
  });

  it('keeps to the limit of points', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3_650 * DAY }), fc.integer({ min: 2, max: 11_000 }), (span, maxPoints) => {
        const range = { from: to - span, to };
        expect(gridOf(range, undefined, maxPoints).count).toBeLessThanOrEqual(maxPoints);
      }),
    );
  });
});

describe('gridOf', () => {
  it('covers the range with buckets that begin at multiples of the step', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2e12 }),
        fc.integer({ min: 1, max: DAY }),
        fc.integer({ min: 1, max: 2 * HOUR }),
        (from, span, stepMs) => {
          const { start, count } = gridOf({ from, to: from + span }, String(stepMs / 1_000), Infinity);
          expect(start % stepMs).toBe(0);
          expect(start).toBeLessThanOrEqual(from);
          expect(start + stepMs).toBeGreaterThan(from);
          const grid = { start, count, stepMs };
          expect(bucketOf(grid, from)).toBe(0);
          expect(bucketOf(grid, from + span - 1)).toBe(count - 1);
        },
      ),
    );
  });

  it('has no buckets for an empty range', () => {
    expect(gridOf({ from: 5, to: 5 }, '1', 10).count).toBe(0);
  });

  it('refuses more points than the limit, and the error names a step that fits', () => {
    expect(() => gridOf({ from: to - HOUR, to }, '1s', 100)).toThrow(
      expect.objectContaining({
        details: [
          {
            path: '/query/step',
            message: expect.stringMatching(
              /1s gives 3600 points, the limit \(HISTORY_MAX_POINTS\) is 100\. Use step=1m or longer/,
            ) as string,
          },
        ],
      }),
    );
  });

  it.each(['0', '0s', 'fast', '-1s', '1.5h', '99999999999d'])('refuses the step %s', (step) => {
    expect(() => gridOf({ from: to - HOUR, to }, step, 100)).toThrow(BadDataError);
  });
});
