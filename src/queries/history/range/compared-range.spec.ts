import { TimeZone } from '../calendar/time-zone.js';
import { type Comparison, comparedRange } from './compared-range.js';
import { gridOf, readStep, type RequestCalendar } from './step.js';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const UTC: RequestCalendar = { zone: TimeZone.utc(), weekStart: 'monday', isZoned: false };
const BERLIN: RequestCalendar = { zone: TimeZone.of('Europe/Berlin')!, weekStart: 'monday', isZoned: true };

function compared(from: string, to: string, step: string, comparison: Comparison, calendar = BERLIN) {
  const range = { from: Date.parse(from), to: Date.parse(to) };
  const read = readStep(step, range, calendar, 11_000);
  const grid = gridOf(range, read, calendar, 11_000);
  const rules = { now: NOW, retentionDays: 1_000 };
  const found = comparedRange(range, comparison, { grid, step: read, calendar, rules });
  return [new Date(found.from).toISOString(), new Date(found.to).toISOString()];
}

describe('comparedRange', () => {
  it('compares a month with the month before, although that has another length', () => {
    expect(compared('2026-10-31T23:00:00Z', '2026-11-30T23:00:00Z', '1mo', 'previous')).toEqual([
      '2026-09-30T22:00:00.000Z',
      '2026-10-31T23:00:00.000Z',
    ]);
  });

  it('compares the days of a month that has not ended with the same number of days', () => {
    expect(compared('2026-10-31T23:00:00Z', '2026-11-10T11:00:00Z', '1d', 'previous')).toEqual([
      '2026-10-21T22:00:00.000Z',
      '2026-10-31T11:00:00.000Z',
    ]);
  });

  it('compares hours of two days over a change of the clock with the two days before', () => {
    expect(compared('2026-10-24T22:00:00Z', '2026-10-26T23:00:00Z', '1h', 'previous')).toEqual([
      '2026-10-22T22:00:00.000Z',
      '2026-10-24T22:00:00.000Z',
    ]);
  });

  it('compares an even range with the same length before it', () => {
    expect(compared('2026-11-24T10:30:00Z', '2026-11-24T12:00:00Z', '5m', 'previous', UTC)).toEqual([
      '2026-11-24T09:00:00.000Z',
      '2026-11-24T10:30:00.000Z',
    ]);
  });

  it.each([
    ['1d', '2026-10-24T10:00:00.000Z'],
    ['1w', '2026-10-18T10:00:00.000Z'],
    ['1mo', '2026-09-25T10:00:00.000Z'],
    ['1q', '2026-07-25T10:00:00.000Z'],
    ['1y', '2025-10-25T10:00:00.000Z'],
  ] as const)('goes back by %s on the local clock', (comparison, from) => {
    expect(compared('2026-10-25T11:00:00Z', '2026-10-25T12:00:00Z', '5m', comparison)[0]).toBe(from);
  });

  it('cuts the earlier range to the time in which samples can be', () => {
    const range = { from: NOW - 3_600_000, to: NOW };
    const step = { ms: 60_000 };
    const grid = gridOf(range, step, UTC, 11_000);
    const rules = { now: NOW, retentionDays: 1 };
    const { from, to, cutBecause } = comparedRange(range, '1w', { grid, step, calendar: UTC, rules });
    expect([from, to, cutBecause !== undefined]).toEqual([NOW - 2 * 86_400_000, NOW - 2 * 86_400_000, true]);
  });
});
