import fc from 'fast-check';
import { TimeZone } from './time-zone.js';

const zones = fc.constantFrom(
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'America/Havana',
  'Africa/Casablanca',
  'Pacific/Apia',
  'Asia/Kathmandu',
  'America/Sao_Paulo',
);
const times = fc.integer({ min: Date.parse('1975-01-01'), max: Date.parse('2040-01-01') });
const utc = (text: string) => Date.parse(`${text}Z`);

describe('TimeZone', () => {
  it.each(['Europe/Berlin', 'europe/berlin', 'UTC', 'Asia/Kolkata'])(
    'finds the zone %s, and keeps that name',
    (name) => {
      expect(TimeZone.of(name)?.name).toBe(name);
    },
  );

  it.each(['', 'Europe/Berln', 'Europe/Berlin ', 'x'.repeat(1_000_000), '__proto__', '\0'])(
    'knows no zone %.20j',
    (name) => {
      expect(TimeZone.of(name)).toBeUndefined();
    },
  );

  it.each([
    ['Europe/Berlin', '2026-07-01T12:00:00', 2],
    ['Europe/Berlin', '2026-12-01T12:00:00', 1],
    ['Asia/Kolkata', '2026-12-01T12:00:00', 5.5],
    ['America/New_York', '2026-12-01T12:00:00.999', -5],
  ])('knows the offset of %s at %s', (name, time, hours) => {
    expect(TimeZone.of(name)!.offsetAt(utc(time))).toBe(hours * 3_600_000);
  });

  it.each([
    ['an hour that is missing', 'Europe/Berlin', '2026-03-29T02:30:00', '2026-03-29T01:00:00'],
    ['an hour that comes twice', 'Europe/Berlin', '2026-10-25T02:30:00', '2026-10-25T00:30:00'],
    ['a midnight that is missing', 'America/Sao_Paulo', '2018-11-04T00:00:00', '2018-11-04T03:00:00'],
    ['a midnight that comes twice', 'America/Havana', '2026-11-01T00:00:00', '2026-11-01T04:00:00'],
    ['a day that is missing', 'Pacific/Apia', '2011-12-30T12:00:00', '2011-12-30T10:00:00'],
  ])('takes the first instant at or after %s', (_, name, local, time) => {
    expect(new Date(TimeZone.of(name)!.toUtc(utc(local))).toISOString()).toBe(new Date(utc(time)).toISOString());
  });

  it('finds the first instant of every local time', () => {
    fc.assert(
      fc.property(zones, times, (name, time) => {
        const zone = TimeZone.of(name)!;
        const local = zone.toLocal(time);
        const first = zone.toUtc(local);
        expect(zone.toLocal(first)).toBe(local);
        expect(first).toBeLessThanOrEqual(time);
        expect(time - first).toBeLessThanOrEqual(3_600_000);
        expect(zone.toLocal(first - 1)).not.toBe(local);
      }),
      { numRuns: 300 },
    );
  });
});
