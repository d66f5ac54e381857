import fc from 'fast-check';
import { formatDuration, parseDurationMs, parseTime } from './time.js';

const NOW = Date.parse('2026-11-24T12:00:00.500Z');

describe('parseTime', () => {
  it.each([
    ['2026-11-24T12:00:00Z', '2026-11-24T12:00:00.000Z'],
    ['2026-11-24t12:00:00.1239z', '2026-11-24T12:00:00.123Z'],
    ['2026-11-24T12:00:00+01:00', '2026-11-24T11:00:00.000Z'],
    ['2026-11-24T12:00:00 01:00', '2026-11-24T11:00:00.000Z'],
    ['2026-11-24T12:00:00-05:30', '2026-11-24T17:30:00.000Z'],
    ['2026-11-24T12:00:00', '2026-11-24T12:00:00.000Z'],
    ['2026-11-24 12:00', '2026-11-24T12:00:00.000Z'],
    ['2026-11-24', '2026-11-24T00:00:00.000Z'],
    ['1764000000', '2025-11-24T16:00:00.000Z'],
    ['1764000000.25', '2025-11-24T16:00:00.250Z'],
    ['1764000000250', '2025-11-24T16:00:00.250Z'],
    ['now', '2026-11-24T12:00:00.500Z'],
    ['-1h', '2026-11-24T11:00:00.500Z'],
    ['now-1h30m', '2026-11-24T10:30:00.500Z'],
    ['now+5m', '2026-11-24T12:05:00.500Z'],
    ['now 5m', '2026-11-24T12:05:00.500Z'],
    ['-90', '2026-11-24T11:58:30.500Z'],
  ])('reads %s', (text, expected) => {
    expect(new Date(parseTime(text, NOW)!).toISOString()).toBe(expected);
  });

  it.each([
    '',
    'yesterday',
    '2026-02-30',
    '2026-13-01T00:00:00Z',
    '2026-11-24T25:00:00Z',
    '24.11.2026',
    '-',
    '-1y',
    '1e9',
    'NaN',
  ])('does not read "%s"', (text) => {
    expect(parseTime(text, NOW)).toBeUndefined();
  });

  it('reads every time in the form that JavaScript writes', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
        expect(parseTime(date.toISOString(), NOW)).toBe(date.getTime());
      }),
    );
  });
});

describe('durations', () => {
  it.each([
    ['15s', 15_000],
    ['1h30m', 5_400_000],
    ['250ms', 250],
    ['1d', 86_400_000],
    ['15', 15_000],
    ['0.5', 500],
  ])('reads %s', (text, expected) => {
    expect(parseDurationMs(text)).toBe(expected);
  });

  it.each(['', 's', '5x', '1.5h', '-5s', '5 m'])('does not read "%s"', (text) => {
    expect(parseDurationMs(text)).toBeUndefined();
  });

  it('reads the durations that formatDuration writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e12 }), (milliseconds) => {
        expect(parseDurationMs(formatDuration(milliseconds))).toBe(milliseconds);
      }),
    );
  });
});
