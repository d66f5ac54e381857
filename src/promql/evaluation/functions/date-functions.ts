/** Functions of a time in seconds since the epoch, in UTC. */
export const DATE_FUNCTIONS: ReadonlyMap<string, (seconds: number) => number> = new Map([
  ['minute', of((date) => date.getUTCMinutes())],
  ['hour', of((date) => date.getUTCHours())],
  ['day_of_week', of((date) => date.getUTCDay())],
  ['day_of_month', of((date) => date.getUTCDate())],
  ['day_of_year', of(dayOfYear)],
  ['days_in_month', of(daysInMonth)],
  ['month', of((date) => date.getUTCMonth() + 1)],
  ['year', year],
]);

/**
 * The number of years after which the calendar repeats, including weekdays. JavaScript's dates end long before those of
 * Prometheus.
 */
const CYCLE_YEARS = 400;
const CYCLE_SECONDS = 146_097 * 86_400;

/**
 * The first second that does not fit into the 64 bits in which Prometheus stores seconds. NaN and values outside the range become
 * this second.
 */
const SECONDS_LIMIT = 2 ** 63;

function wholeSeconds(seconds: number): number {
  return Math.abs(seconds) < SECONDS_LIMIT ? Math.trunc(seconds) : SECONDS_LIMIT;
}

function of(read: (date: Date) => number): (seconds: number) => number {
  return (seconds) => read(new Date((wholeSeconds(seconds) % CYCLE_SECONDS) * 1000));
}

function year(seconds: number): number {
  const whole = wholeSeconds(seconds);
  const cycles = Math.trunc(whole / CYCLE_SECONDS);
  return new Date((whole % CYCLE_SECONDS) * 1000).getUTCFullYear() + cycles * CYCLE_YEARS;
}

function dayOfYear(date: Date): number {
  const startOfYear = Date.UTC(date.getUTCFullYear(), 0, 1);
  return Math.floor((date.getTime() - startOfYear) / 86_400_000) + 1;
}

function daysInMonth(date: Date): number {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
}
