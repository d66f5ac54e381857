import { DATE_FUNCTIONS } from './date-functions.js';

function datesOf(seconds: number): Record<string, number> {
  return Object.fromEntries([...DATE_FUNCTIONS].map(([name, read]) => [name, read(seconds)]));
}

test('reads dates in UTC', () => {
  expect(datesOf(Date.UTC(2024, 11, 31, 23, 59, 59) / 1000 + 0.9)).toEqual({
    minute: 59,
    hour: 23,
    day_of_week: 2,
    day_of_month: 31,
    day_of_year: 366,
    days_in_month: 31,
    month: 12,
    year: 2024,
  });
});

test('reads dates before the epoch', () => {
  expect(datesOf(-1)).toMatchObject({ minute: 59, hour: 23, day_of_month: 31, month: 12, year: 1969 });
});

test('reads dates beyond the range of JavaScript', () => {
  expect(datesOf(1e15)).toMatchObject({ day_of_month: 5, month: 7, year: 31_690_708 });
});

// These are the answers of Prometheus 2.42 on a 64-bit PC to `hour(vector(NaN))` and so on.
test.each([NaN, Infinity, -Infinity, 1e300])('treats %s as the end of time, as Prometheus does', (seconds) => {
  expect(datesOf(seconds)).toEqual({
    minute: 30,
    hour: 15,
    day_of_week: 0,
    day_of_month: 4,
    day_of_year: 339,
    days_in_month: 31,
    month: 12,
    year: 292_277_026_596,
  });
});
