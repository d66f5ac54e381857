import fc from 'fast-check';
import { formatAgo, formatDay, formatDuration, formatShortTime, formatTime, formatZone } from './time.js';

const NOW = Date.parse('2026-11-28T14:00:00Z');

describe('a time', () => {
  it('is exact and says its zone', () => {
    const text = formatTime('2026-11-28T15:04:05Z', 'utc');
    expect(text).toMatch(/2026/);
    expect(text).toMatch(/15:04:05/);
    expect(text).toMatch(/UTC/);
  });

  it('has 24 hours in every locale, and midnight is 00', () => {
    expect(formatTime('2026-11-28T00:04:05Z', 'utc')).toMatch(/00:04:05/);
    expect(formatTime('2026-11-28T23:04:05Z', 'utc')).not.toMatch(/[AP]M/);
  });

  it('leaves out what is clear', () => {
    expect(formatShortTime('2026-11-28T09:05:00Z', 'utc', NOW)).toBe('09:05');
    expect(formatShortTime('2026-11-27T09:05:00Z', 'utc', NOW)).toMatch(/27.*09:05/);
    expect(formatShortTime('2026-11-27T09:05:00Z', 'utc', NOW)).not.toMatch(/2026/);
    expect(formatShortTime('2025-11-28T09:05:00Z', 'utc', NOW)).toMatch(/2025.*09:05/);
  });

  it('names the zone', () => {
    expect(formatZone('utc')).toBe('UTC');
    expect(formatZone('local')).not.toBe('');
  });

  it.each(['', 'yesterday', 'x'.repeat(10_000)])('is a dash if it is no time: %.10s', (text) => {
    for (const written of [formatTime(text, 'utc'), formatShortTime(text, 'local'), formatDay(text, 'utc')]) {
      expect(written).toBe('–');
    }
    expect(formatAgo(text)).toBe('–');
    expect(formatZone('utc', text)).toBe('–');
  });
});

describe('how long ago something was', () => {
  it.each<[number, string]>([
    [0, 'now'],
    [4, 'now'],
    [30, '30 sec ago'],
    [180, '3 min ago'],
    [3 * 3600 + 59, '3 hr ago'],
    [86_400, '1 day ago'],
    [3 * 86_400, '3 days ago'],
    [800 * 86_400, '2 yr ago'],
    [-3, 'now'],
    [-120, 'in 2 min'],
  ])('%s seconds ago is %s', (seconds, text) => {
    expect(formatAgo(NOW - seconds * 1000, NOW)).toBe(text);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.double(), fc.double(), (at, now) => {
        expect(formatAgo(at, now).length).toBeGreaterThan(0);
      }),
    );
  });
});

describe('a length of time', () => {
  it.each<[number, string]>([
    [0, '0 s'],
    [0.05, '50 ms'],
    [0.2, '200 ms'],
    [1.25, '1.3 s'],
    [12, '12 s'],
    [60, '1 min'],
    [90, '1 min 30 s'],
    [3600, '1 h'],
    [3603, '1 h'],
    [86_400, '1 d'],
    [86_400 + 3 * 3600 + 59, '1 d 3 h'],
    [90 * 86_400, '90 d'],
    [-90, '−1 min 30 s'],
    [Number.NaN, '–'],
    [Number.POSITIVE_INFINITY, '–'],
  ])('%s seconds are %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  it('is never longer than it is, and loses less than a tenth', () => {
    const lengths: Record<string, number> = { d: 86_400, h: 3600, min: 60, s: 1, ms: 0.001 };
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: 1, max: 1e9 }), (seconds) => {
        const words = formatDuration(seconds).replaceAll(',', '').split(' ');
        let sum = 0;
        for (let at = 0; at < words.length; at += 2) sum += Number(words[at]) * lengths[words[at + 1]!]!;
        expect(sum).toBeLessThanOrEqual(seconds + 0.5);
        expect(sum).toBeGreaterThanOrEqual(seconds * 0.9 - 0.5);
      }),
    );
  });
});
