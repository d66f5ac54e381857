/** The time zone of the browser, or UTC. */
export type Zone = 'local' | 'utc';

/** A moment: a Date, milliseconds since the epoch, or a text that `Date.parse` understands. */
export type Moment = Date | number | string;

const DAY = 86_400;

/** Writes a date and time to the second, with the time zone. */
export function formatTime(at: Moment, zone: Zone): string {
  return write(at, zone, { ...DATE, year: 'numeric', ...CLOCK, second: '2-digit', timeZoneName: 'short' });
}

/** Formats a time as briefly as possible: without the date if it is today, and without the year if it is the current year. */
export function formatShortTime(at: Moment, zone: Zone, now: Moment = Date.now()): string {
  if (formatDay(at, zone) === formatDay(now, zone)) return write(at, zone, CLOCK);
  const isThisYear = write(at, zone, { year: 'numeric' }) === write(now, zone, { year: 'numeric' });
  return write(at, zone, { ...DATE, ...(isThisYear ? {} : { year: 'numeric' }), ...CLOCK });
}

/** Writes a date with its year. */
export function formatDay(at: Moment, zone: Zone): string {
  return write(at, zone, { ...DATE, year: 'numeric' });
}

/** Returns the short name of the zone at a moment, such as UTC or GMT+2. */
export function formatZone(zone: Zone, at: Moment = Date.now()): string {
  const moment = momentOf(at);
  if (moment === null) return '–';
  const parts = formatterOf(zone, { timeZoneName: 'short' }).formatToParts(moment);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? '–';
}

/** Writes how long ago a moment was, or how far in the future it is. */
export function formatAgo(at: Moment, now: Moment = Date.now()): string {
  const moment = momentOf(at);
  const present = momentOf(now);
  if (moment === null || present === null) return '–';
  const seconds = (present - moment) / 1000;
  const size = Math.abs(seconds);
  if (size < 5) return 'now';
  const [unit, length] = AGO.find(([, length]) => size >= length) ?? ['second', 1];
  const count = Math.floor(size / length);
  return RELATIVE.format(seconds > 0 ? -count : count, unit).replace(/\.(?= |$)/, '');
}

/** Writes a duration, which is given in seconds, with one or two units, such as "1 h 5 min". */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  const size = Math.abs(seconds);
  const sign = seconds < 0 ? '−' : '';
  if (size !== 0 && size < 1) return `${sign}${Number((size * 1000).toPrecision(2))} ms`;
  let rest = size < 10 ? Math.round(size * 10) / 10 : Math.round(size);
  const parts: string[] = [];
  for (const [name, length] of LENGTHS) {
    const count = length === 1 ? Number(rest.toFixed(1)) : Math.floor(rest / length);
    // The second unit is shown only if it is the next smaller one, so the text is "1 d" and not "1 d 3 s".
    if (count > 0) parts.push(`${count.toLocaleString('en')} ${name}`);
    else if (parts.length > 0) break;
    rest -= count * length;
    if (parts.length === 2) break;
  }
  return sign + (parts.join(' ') || '0 s');
}

const DATE = { month: 'short', day: 'numeric' } as const;

/** Times always use the 24-hour clock, because many browsers use American English in countries where "2 PM" is not common. */
const CLOCK = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;

const AGO: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * DAY],
  ['day', DAY],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
];

const LENGTHS: readonly [string, number][] = [
  ['d', DAY],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
];

const RELATIVE = new Intl.RelativeTimeFormat('en', { style: 'short' });

function write(at: Moment, zone: Zone, options: Intl.DateTimeFormatOptions): string {
  const moment = momentOf(at);
  return moment === null ? '–' : formatterOf(zone, options).format(moment);
}

/** Returns milliseconds since the epoch, or null if the value is not a valid time. */
function momentOf(at: Moment): number | null {
  const moment = typeof at === 'string' ? Date.parse(at) : Number(at);
  return Number.isNaN(new Date(moment).getTime()) ? null : moment;
}

/** Formatters are kept, because creating one takes longer than using it a hundred times. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(zone: Zone, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${JSON.stringify(options)}`;
  let formatter = formatters.get(key);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat(undefined, { ...options, ...(zone === 'utc' ? { timeZone: 'UTC' } : {}) });
    formatters.set(key, formatter);
  }
  return formatter;
}
