/** Functions of a time in seconds since the epoch, in UTC. */
export const DATE_FUNCTIONS: ReadonlyMap<string, (seconds: number) => number> = new Map([
  ['minute', of((date) => date.getUTCMinutes())],
  ['hour', of((date) => date.getUTCHours())],
  ['day_of_week', of((date) => date.getUTCDay())],
  ['day_of_month', of((date) => date.getUTCDate())],
  ['day_of_year', of(dayOfYear)],
  ['days_in_month', of(daysInMonth)],
  ['month', of((date) => date.getUTCMonth() + 1)],
  ['year', of((date) => date.getUTCFullYear())],
]);

function of(read: (date: Date) => number): (seconds: number) => number {
  return (seconds) => read(new Date(Math.trunc(seconds) * 1000));
}

function dayOfYear(date: Date): number {
  const startOfYear = Date.UTC(date.getUTCFullYear(), 0, 1);
  return Math.floor((date.getTime() - startOfYear) / 86_400_000) + 1;
}

function daysInMonth(date: Date): number {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
}
