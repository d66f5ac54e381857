import fc from 'fast-check';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../scheduling/units-of-time.js';
import { CALENDAR_UNITS } from '../calendar/calendar.js';
import { TimeZone } from '../calendar/time-zone.js';
import { bucketOf, calendarGrid, evenGrid, type Grid, isUnfinished, wallClockGrid } from './grid.js';

const calendarOf = (name: string, weekStart: 'monday' | 'sunday' = 'monday') => ({
  zone: TimeZone.of(name)!,
  weekStart,
});
const BERLIN = calendarOf('Europe/Berlin');
const rangeOf = (from: string, to: string) => ({ from: Date.parse(from), to: Date.parse(to) });

const zones = fc.constantFrom(
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Havana',
  'Pacific/Apia',
);
const ranges = fc
  .record({
    from: fc.integer({ min: Date.parse('2009-01-01'), max: Date.parse('2030-01-01') }),
    span: fc.integer({ min: 1, max: 60 * DAY_MS }),
  })
  .map(({ from, span }) => ({ from, to: from + span }));

function edgesOf({ edges }: Grid): string[] {
  return Array.from(edges, (edge) => new Date(edge).toISOString().slice(0, 16));
}

function hoursOf({ edges, count }: Grid): number[] {
  return Array.from({ length: count }, (_, bucket) => (edges[bucket + 1]! - edges[bucket]!) / HOUR_MS);
}

describe('calendarGrid', () => {
  it('has days of 23 and 25 hours when clocks change', () => {
    expect(hoursOf(calendarGrid(rangeOf('2026-03-28T00:00Z', '2026-03-30T12:00Z'), '1d', BERLIN))).toEqual([
      24, 23, 24,
    ]);
    expect(hoursOf(calendarGrid(rangeOf('2026-10-24T00:00Z', '2026-10-26T12:00Z'), '1d', BERLIN))).toEqual([
      24, 25, 24,
    ]);
  });

  it('begins weeks on the wanted day', () => {
    const range = rangeOf('2026-11-10T00:00Z', '2026-11-17T00:00Z');
    expect(edgesOf(calendarGrid(range, '1w', BERLIN))).toEqual([
      '2026-11-08T23:00',
      '2026-11-15T23:00',
      '2026-11-22T23:00',
    ]);
    expect(edgesOf(calendarGrid(range, '1w', calendarOf('UTC', 'sunday')))).toEqual([
      '2026-11-08T00:00',
      '2026-11-15T00:00',
      '2026-11-22T00:00',
    ]);
  });

  it('leaves out a day that a zone skipped', () => {
    const grid = calendarGrid(rangeOf('2011-12-29T12:00Z', '2011-12-31T12:00Z'), '1d', calendarOf('Pacific/Apia'));
    expect(hoursOf(grid)).toEqual([24, 24, 24]);
  });

  it('has no buckets for an empty range', () => {
    expect(calendarGrid({ from: 5, to: 5 }, '1d', BERLIN).count).toBe(0);
  });

  it('covers a range with buckets that follow each other, and each begins a unit of the zone', () => {
    fc.assert(
      fc.property(zones, ranges, fc.constantFrom(...CALENDAR_UNITS), (name, range, unit) => {
        const grid = calendarGrid(range, unit, calendarOf(name));
        expectCover(grid, range);
        const { zone } = calendarOf(name);
        // The instant before a boundary is on another day, so the boundary is the first instant of its day.
        const dayOf = (time: number) => Math.floor(zone.toLocal(time) / DAY_MS);
        expect([...grid.edges].filter((edge) => dayOf(edge - 1) === dayOf(edge))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

describe('wallClockGrid', () => {
  it('has 25 buckets of an hour on a day of 25 hours', () => {
    const grid = wallClockGrid(rangeOf('2026-10-24T22:00Z', '2026-10-25T23:00Z'), HOUR_MS, BERLIN);
    expect(hoursOf(grid)).toEqual(Array.from({ length: 25 }, () => 1));
  });

  it('begins longer buckets at the same local times on every day', () => {
    const range = rangeOf('2026-10-24T22:00Z', '2026-10-26T23:00Z');
    expect(hoursOf(wallClockGrid(range, 6 * HOUR_MS, BERLIN))).toEqual([7, 6, 6, 6, 6, 6, 6, 6]);
  });

  it('begins hours at half past in a zone that is half an hour off', () => {
    const range = rangeOf('2026-11-24T10:00Z', '2026-11-24T11:00Z');
    expect(edgesOf(wallClockGrid(range, HOUR_MS, calendarOf('Asia/Kolkata')))).toEqual([
      '2026-11-24T09:30',
      '2026-11-24T10:30',
      '2026-11-24T11:30',
    ]);
  });

  it('covers a range with buckets that follow each other', () => {
    const steps = fc.constantFrom(5 * MINUTE_MS, 30 * MINUTE_MS, HOUR_MS, 2 * HOUR_MS, 6 * HOUR_MS, 12 * HOUR_MS);
    fc.assert(
      fc.property(zones, ranges, steps, (name, range, stepMs) => {
        expectCover(wallClockGrid(range, stepMs, calendarOf(name)), range);
      }),
      { numRuns: 60 },
    );
  });
});

function expectCover(grid: Grid, { from, to }: { from: number; to: number }): void {
  const { edges, count } = grid;
  expect(edges).toHaveLength(count + 1);
  expect(edges[0]).toBeLessThanOrEqual(from);
  expect(edges[1]).toBeGreaterThan(from);
  expect(edges[count - 1]).toBeLessThan(to);
  expect(edges[count]).toBeGreaterThanOrEqual(to);
  const wrong = Array.from({ length: count }, (_, bucket) => bucket).filter(
    (bucket) =>
      edges[bucket + 1]! <= edges[bucket]! ||
      bucketOf(grid, edges[bucket]!) !== bucket ||
      bucketOf(grid, edges[bucket + 1]! - 1) !== bucket,
  );
  expect(wrong).toEqual([]);
}

describe('isUnfinished', () => {
  const grid = evenGrid({ from: 5, to: 30 }, 10);

  it('marks a first bucket that begins before the range, and a last one that ends after it or has not ended yet', () => {
    const marks = (range: { from: number; to: number }, now: number) =>
      [0, 1, 2].map((bucket) => isUnfinished(grid, bucket, range, now));
    expect(marks({ from: 5, to: 30 }, 100)).toEqual([true, false, false]);
    expect(marks({ from: 0, to: 25 }, 100)).toEqual([false, false, true]);
    expect(marks({ from: 0, to: 30 }, 15)).toEqual([false, true, true]);
  });
});
