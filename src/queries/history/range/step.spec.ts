import fc from 'fast-check';
import { BadDataError } from '../../../http/answers/errors.js';
import { TimeZone } from '../calendar/time-zone.js';
import type { TimeRange } from '../time-range.js';
import { bucketOf } from './grid.js';
import { chooseStep, gridOf, readStep, type RequestCalendar } from './step.js';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;
const to = Date.parse('2026-11-24T12:00:00Z');

const UTC: RequestCalendar = { zone: TimeZone.utc(), weekStart: 'monday', isZoned: false };
const BERLIN: RequestCalendar = { zone: TimeZone.of('Europe/Berlin')!, weekStart: 'monday', isZoned: true };

function split(range: TimeRange, step: string | undefined, maxPoints: number, calendar = UTC) {
  return gridOf(range, readStep(step, range, calendar, maxPoints), calendar, maxPoints);
}

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
    expect(chooseStep({ from: to - span, to }, false, 11_000)).toEqual({ ms: step });
  });

  it('keeps to the limit of points', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3_650 * DAY }), fc.integer({ min: 2, max: 11_000 }), (span, maxPoints) => {
        const range = { from: to - span, to };
        expect(split(range, undefined, maxPoints).count).toBeLessThanOrEqual(maxPoints);
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
        fc.integer({ min: SECOND, max: 2 * HOUR }),
        (from, span, stepMs) => {
          const grid = split({ from, to: from + span }, String(stepMs / 1_000), Infinity);
          const start = grid.edges[0]!;
          const { count } = grid;
          expect(start % stepMs).toBe(0);
          expect(start).toBeLessThanOrEqual(from);
          expect(start + stepMs).toBeGreaterThan(from);
          expect(bucketOf(grid, from)).toBe(0);
          expect(bucketOf(grid, from + span - 1)).toBe(count - 1);
        },
      ),
    );
  });

  it('has no buckets for an empty range', () => {
    expect(split({ from: 5, to: 5 }, '1', 10).count).toBe(0);
  });

  it('refuses more points than the limit, and the error names a step that fits', () => {
    expect(() => split({ from: to - HOUR, to }, '1s', 100)).toThrow(
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
    expect(() => split({ from: to - HOUR, to }, step, 100)).toThrow(BadDataError);
  });
});

describe('a step in a time zone', () => {
  const range = { from: to - 30 * DAY, to };

  it.each([
    ['1d', { unit: '1d' }],
    ['24h', { unit: '1d' }],
    ['1w', { unit: '1w' }],
    ['6h', { ms: 6 * HOUR }],
  ])('reads %s', (text, step) => {
    expect(readStep(text, range, BERLIN, 11_000)).toEqual(step);
  });

  it.each(['7h', '2d', '36h'])('refuses %s, which does not begin at the same times every day', (text) => {
    expect(() => readStep(text, range, BERLIN, 11_000)).toThrow(BadDataError);
  });

  it('keeps to the limit of points, whatever the calendar', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3_650 * DAY }), fc.integer({ min: 30, max: 11_000 }), (span, maxPoints) => {
        const spanned = { from: to - span, to };
        expect(split(spanned, undefined, maxPoints, BERLIN).count).toBeLessThanOrEqual(maxPoints);
      }),
      { numRuns: 50 },
    );
  });

  it('names a unit of the calendar that fits', () => {
    expect(() => split({ from: to - 3_000 * DAY, to }, '1d', 600, BERLIN)).toThrow(
      expect.objectContaining({
        details: [{ path: '/query/step', message: expect.stringContaining('Use step=1w or longer') as string }],
      }),
    );
  });
});
