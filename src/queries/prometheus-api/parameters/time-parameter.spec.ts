import fc from 'fast-check';
import { durationParameter, parseDurationMs, parseTimeMs, timeParameter } from './time-parameter.js';

describe('parseTimeMs', () => {
  it.each([
    ['0', 0],
    ['1700000000', 1_700_000_000_000],
    ['1700000000.123', 1_700_000_000_123],
    ['1.7e9', 1_700_000_000_000],
    ['-1', -1_000],
    ['2023-11-14T22:13:20Z', 1_700_000_000_000],
    ['2023-11-14T22:13:20.5Z', 1_700_000_000_500],
    ['2023-11-14T23:13:20+01:00', 1_700_000_000_000],
    ['2023-11-14T21:43:20-00:30', 1_700_000_000_000],
  ])('reads %s', (text, expected) => {
    expect(parseTimeMs(text)).toBe(expected);
  });

  it.each([
    '',
    'now',
    'NaN',
    'Inf',
    '0x10',
    '1e300',
    '2023-11-14',
    '2023-02-30T00:00:00Z',
    '2023-11-14T25:00:00Z',
    '2023-11-14T00:00:00',
    '1 2',
  ])('refuses %j', (text) => {
    expect(parseTimeMs(text)).toBeUndefined();
    expect(() => timeParameter('time', text)).toThrow(
      `invalid parameter "time": cannot parse ${JSON.stringify(text)} to a valid timestamp`,
    );
  });

  it('reads the same time in both forms', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }), (date) => {
        expect(parseTimeMs(date.toISOString())).toBe(date.getTime());
        expect(parseTimeMs(String(date.getTime() / 1_000))).toBe(date.getTime());
      }),
    );
  });
});

describe('parseDurationMs', () => {
  it.each([
    ['15', 15_000],
    ['0.5', 500],
    ['15s', 15_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1d', 86_400_000],
    ['2w', 1_209_600_000],
    ['1y', 31_536_000_000],
    ['1s500ms', 1_500],
    ['0', 0],
    ['-5', -5_000],
  ])('reads %s', (text, expected) => {
    expect(parseDurationMs(text)).toBe(expected);
  });

  it.each(['', 's', '1m1h', '1.5h', '5M', '-5m', '1e300', '999999y', '1m 2s'])('refuses %j', (text) => {
    expect(parseDurationMs(text)).toBeUndefined();
    expect(() => durationParameter('step', text)).toThrow(
      `invalid parameter "step": cannot parse ${JSON.stringify(text)} to a valid duration`,
    );
  });
});
