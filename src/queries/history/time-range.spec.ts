import { BadDataError } from '../../http/answers/errors.js';
import { cutRange, periodBefore, resolveRange } from './time-range.js';

const DAY = 86_400_000;
const now = Date.parse('2026-11-24T12:00:00Z');
const rules = { now, retentionDays: 30 };

describe('resolveRange', () => {
  it('is the last hour by default, including a sample of the current millisecond', () => {
    expect(resolveRange({}, rules)).toEqual({ from: now + 1 - 3_600_000, to: now + 1 });
  });

  it('begins an hour before a given end', () => {
    expect(resolveRange({ to: '-1d' }, rules)).toEqual({ from: now - DAY - 3_600_000, to: now - DAY });
  });

  it.each([
    [{ from: 'now', to: 'now' }, '/query/from'],
    [{ from: 'now', to: '-1h' }, '/query/from'],
    [{ from: 'tomorrow' }, '/query/from'],
    [{ to: 'tomorrow' }, '/query/to'],
    [{ from: '99999999999999999999', to: '1' }, '/query/from'],
  ])('refuses %j', (request, path) => {
    let details: unknown;
    try {
      resolveRange(request, rules);
    } catch (error) {
      details = (error as BadDataError).details;
    }
    expect(details).toEqual([{ path, message: expect.any(String) as string }]);
  });
});

describe('cutRange', () => {
  it('cuts a range to the retention and to the latest possible sample, and says why', () => {
    const range = cutRange({ from: 0, to: 9e15 }, rules);
    expect(range).toMatchObject({ from: now - 31 * DAY, to: now + 600_001 });
    expect(range.cutBecause).toMatch(/30 days \(RETENTION_DAYS\).*2026-10-24T12:00:00.000Z.*ahead/s);
  });

  it.each([
    [0, 1],
    [now + DAY, now + 2 * DAY],
    [1e20, 1e20 + 1e6],
    [-1e308, -8.64e15],
    [8.64e15 - 1, 8.64e15 + 1],
  ])('is empty where no sample can be', (from, to) => {
    const range = cutRange({ from, to }, rules);
    expect(range.to).toBe(range.from);
    expect(range.cutBecause).toBeDefined();
    expect(() => new Date(range.from).toISOString()).not.toThrow();
  });
});

describe('periodBefore', () => {
  it('is as long as the range and ends where it begins', () => {
    expect(periodBefore({ from: now - DAY, to: now }, rules)).toEqual({ from: now - 2 * DAY, to: now - DAY });
  });

  it('is cut to the retention', () => {
    const before = periodBefore({ from: now - 30 * DAY, to: now }, rules);
    expect(before).toMatchObject({ from: now - 31 * DAY, to: now - 30 * DAY });
    expect(before.cutBecause).toBeDefined();
  });
});
