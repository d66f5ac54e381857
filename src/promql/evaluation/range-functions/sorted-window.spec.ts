import fc from 'fast-check';
import { quantile } from '../aggregation/quantile.js';
import { QueryBudget } from '../query-budget.js';
import type { PointRuns } from '../series/point-runs.js';
import { SlidingWindow } from './sliding-window.js';
import { SortedWindow } from './sorted-window.js';

const GRID_MS = 10;

const value = fc.oneof(
  fc.constantFrom(NaN, 0, -0, 1, Infinity, -Infinity),
  fc.integer({ min: -3, max: 3 }),
  fc.double({ noNaN: true }),
);

/** Makes runs out of their values, their numbers of points and the numbers of points missing before them. */
function runsOf(parts: readonly { value: number; points: number; gap: number }[], gridMs: number): PointRuns {
  const times: number[] = [];
  const lastTimes: number[] = [];
  let nextMs = 0;
  for (const { points, gap } of parts) {
    const first = nextMs + gap * GRID_MS;
    const last = first + (gridMs === 0 ? 0 : points - 1) * GRID_MS;
    times.push(first);
    lastTimes.push(last);
    nextMs = last + GRID_MS;
  }
  return {
    times: Float64Array.from(times),
    lastTimes: Float64Array.from(lastTimes),
    values: Float64Array.from(parts, (part) => part.value),
    gridMs,
    isContiguous: false,
  };
}

describe('a window whose values stay sorted', () => {
  const parts = fc.array(
    fc.record({
      value,
      points: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 30, max: 60 })),
      gap: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(5) }),
    }),
    { minLength: 1, maxLength: 120 },
  );
  const moves = fc.array(fc.record({ startMs: fc.nat(25), endMs: fc.oneof(fc.nat(25), fc.nat(900)) }), {
    minLength: 1,
    maxLength: 80,
  });

  it.each([
    ['single points', 0],
    ['runs of equal points', GRID_MS],
  ])('has the quantiles of the sorted points: %s', (_, gridMs) => {
    fc.assert(
      fc.property(parts, moves, fc.double({ min: 0, max: 1, noNaN: true }), (ofRuns, ofWindow, q) => {
        const runs = runsOf(ofRuns, gridMs);
        const budget = new QueryBudget({ maxSamples: 1e9, maxSeries: 1 });
        const [window, other] = [new SlidingWindow(runs, budget), new SlidingWindow(runs, budget)];
        const sorted = new SortedWindow(window);
        let [startMs, endMs] = [-15, 40];
        for (const move of ofWindow) {
          startMs += move.startMs;
          endMs = Math.max(startMs + 1, endMs + move.endMs);
          const hasPoints = window.moveTo(startMs, endMs, endMs);
          expect(other.moveTo(startMs, endMs, endMs)).toBe(hasPoints);
          if (hasPoints) {
            const { values, from, to } = other.points();
            const [answer, right] = [sorted.quantile(q), quantile(q, values.slice(from, to))];
            // The sign of a zero counts too.
            expect(Object.is(answer, right) ? '' : `${answer} in place of ${right}`).toBe('');
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('ends in time if a window holds very many points', () => {
    const runs = runsOf([{ value: 1, points: 2_000_000, gap: 0 }], GRID_MS);
    let polls = 0;
    const shouldStop = () => (++polls > 5 ? 'timeout' : null);
    const budget = new QueryBudget({ maxSamples: 1e9, maxSeries: 1, shouldStop });
    const window = new SlidingWindow(runs, budget);
    const sorted = new SortedWindow(window);
    const moved = () => {
      for (let step = 0; step < 10; step++) {
        window.moveTo(step * GRID_MS, 1_000_000 * GRID_MS + step * GRID_MS, 0);
        sorted.quantile(0.5);
      }
    };
    expect(moved).toThrow('timed out');
  });
});
