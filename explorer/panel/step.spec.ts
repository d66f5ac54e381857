import { lengthOf, momentOf, secondsOf, stepFor } from './step.js';

describe('the step of a chart', () => {
  it.each([
    [900, '15s'],
    [3600, '1m'],
    [86_400, '30m'],
    [7 * 86_400, '3h'],
    [30 * 86_400, '12h'],
    [365 * 86_400, '1w'],
    [10 * 365 * 86_400, '1mo'],
  ])('of %d seconds with at most 60 bars is %s', (seconds, step) => {
    expect(stepFor(seconds, 60)).toBe(step);
  });

  it('has a length, unless it is a unit of the calendar that varies', () => {
    expect(['90', '15s', '5m', '1d', '1w', '1mo', '1q', '1y', ''].map(secondsOf)).toEqual([
      90,
      15,
      300,
      86_400,
      604_800,
      null,
      null,
      null,
      null,
    ]);
  });

  it('follows the length of the range, whatever form its ends have', () => {
    const now = Date.parse('2026-11-29T12:00:00Z') / 1000;
    expect(lengthOf({ from: '-24h', to: 'now' }, now)).toBe(86_400);
    expect(lengthOf({ from: 'now-1d12h', to: '-12h' }, now)).toBe(86_400);
    expect(lengthOf({ from: '2026-11-29T11:00:00Z', to: '2026-11-29T12:00:00.000Z' }, now)).toBe(3600);
    expect(lengthOf({ from: '1764000000', to: '1764000060500' }, now)).toBe(60.5);
  });

  it('is left to the server where the page does not understand the range', () => {
    expect(momentOf('yesterday', 0)).toBeNull();
    expect(lengthOf({ from: 'now', to: '-1h' }, 0)).toBeNull();
  });
});
