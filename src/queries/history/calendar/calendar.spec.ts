import fc from 'fast-check';
import { beginningOf, CALENDAR_UNITS, LONGEST_MS, shift, type WeekStart } from './calendar.js';

const local = (text: string) => Date.parse(`${text}Z`);
const textOf = (time: number) => new Date(time).toISOString().slice(0, 16);

describe('the beginning of a unit', () => {
  it.each([
    ['1d', '2026-11-29T23:59', 'monday', '2026-11-29T00:00'],
    ['1w', '2026-11-29T23:59', 'monday', '2026-11-23T00:00'],
    ['1w', '2026-11-29T23:59', 'sunday', '2026-11-29T00:00'],
    ['1w', '2026-11-30T00:00', 'monday', '2026-11-30T00:00'],
    ['1mo', '2026-11-29T23:59', 'monday', '2026-11-01T00:00'],
    ['1q', '2026-11-29T23:59', 'monday', '2026-10-01T00:00'],
    ['1q', '2026-03-31T00:00', 'monday', '2026-01-01T00:00'],
    ['1y', '2026-11-29T23:59', 'monday', '2026-01-01T00:00'],
    ['1w', '1969-12-31T00:00', 'monday', '1969-12-29T00:00'],
  ] as const)('of %s for %s with weeks from %s is %s', (unit, time, weekStart, expected) => {
    expect(textOf(beginningOf(unit, local(time), weekStart))).toBe(expected);
  });

  it('contains the time, and the next one does not', () => {
    const times = fc.integer({ min: local('1960-01-01'), max: local('2100-01-01') });
    const weekStarts = fc.constantFrom<WeekStart>('monday', 'sunday');
    fc.assert(
      fc.property(fc.constantFrom(...CALENDAR_UNITS), times, weekStarts, (unit, time, weekStart) => {
        const beginning = beginningOf(unit, time, weekStart);
        const next = shift(unit, beginning, 1);
        expect(beginning).toBeLessThanOrEqual(time);
        expect(next).toBeGreaterThan(time);
        expect(next - beginning).toBeLessThanOrEqual(LONGEST_MS[unit]);
        expect(beginningOf(unit, next, weekStart)).toBe(next);
        expect(shift(unit, next, -1)).toBe(beginning);
      }),
    );
  });
});

describe('shift', () => {
  it.each([
    ['1mo', '2026-03-31T10:00', -1, '2026-02-28T10:00'],
    ['1mo', '2026-01-31T10:00', 13, '2027-02-28T10:00'],
    ['1y', '2028-02-29T00:00', -1, '2027-02-28T00:00'],
    ['1q', '2026-05-31T00:00', -1, '2026-02-28T00:00'],
    ['1w', '2026-01-03T12:34', -1, '2025-12-27T12:34'],
    ['1d', '2026-03-01T00:00', -1, '2026-02-28T00:00'],
  ] as const)('moves by %s from %s %d times', (unit, time, count, expected) => {
    expect(textOf(shift(unit, local(time), count))).toBe(expected);
  });
});
