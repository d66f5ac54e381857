import fc from 'fast-check';
import { formatDuration, InvalidDurationError, parseDuration } from './duration.js';

describe('parseDuration', () => {
  it.each([
    ['0', 0],
    ['0s', 0],
    ['15ms', 15],
    ['1h30m', 5_400_000],
    ['1y2w3d4h5m6s7ms', 31_536_000_000 + 17 * 86_400_000 + 14_706_007],
    ['292y', 292 * 31_536_000_000],
  ])('reads %s', (text, durationMs) => {
    expect(parseDuration(text)).toBe(durationMs);
  });

  it.each([
    ['', 'empty duration string'],
    ['5', 'not a valid duration string: "5"'],
    ['m5', 'not a valid duration string: "m5"'],
    ['5m1h', 'not a valid duration string: "5m1h"'],
    ['5m5m', 'not a valid duration string: "5m5m"'],
    ['-5m', 'not a valid duration string: "-5m"'],
    ['5hs', 'unknown unit "hs" in duration "5hs"'],
    ['1.5h', 'unknown unit "." in duration "1.5h"'],
    ['293y', 'duration out of range'],
    [`${'9'.repeat(30)}s`, `not a valid duration string: "${'9'.repeat(30)}s"`],
  ])('refuses %j', (text, message) => {
    expect(() => parseDuration(text)).toThrow(new InvalidDurationError(message));
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0s'],
    [0.4, '0s'],
    [1500, '1s500ms'],
    [90 * 86_400_000, '90d'],
    [14 * 86_400_000, '2w'],
    [31_536_000_000, '1y'],
    [-300_000, '-5m'],
  ])('writes %s ms as %s', (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text);
  });

  it('writes a text that is read back as the same duration', () => {
    fc.assert(
      fc.property(fc.nat({ max: 9_223_372_036_854 }), (durationMs) => {
        expect(parseDuration(formatDuration(durationMs))).toBe(durationMs);
      }),
    );
  });
});
