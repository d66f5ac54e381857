import { formatTicks } from '../format/number.js';
import type { Zone } from '../format/time.js';
import { shortUnit } from '../format/unit.js';

/**
 * Returns the texts of the ticks of a number axis. Different values get different texts. A unit that is only a name, such as
 * `orders`, is left out, because it is already shown beside the large number.
 */
export function numberTicks(values: readonly number[], unit: string | null): string[] {
  return formatTicks(values, shortUnit(unit));
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: Zone, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${name}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  const created = new Intl.DateTimeFormat(undefined, {
    hourCycle: 'h23',
    ...options,
    ...(zone === 'utc' ? { timeZone: 'UTC' } : {}),
  });
  formats.set(key, created);
  return created;
}

/**
 * Returns the texts of the ticks of a time axis. Ticks that are at least a day apart show days or months. Otherwise, the first
 * tick of a day shows the date if it is at midnight, and all others show the time.
 */
export function timeTicks(seconds: readonly number[], apart: number, zone: Zone): string[] {
  const day = format(zone, 'day', { day: 'numeric', month: 'short' });
  const month = format(zone, 'month', { month: 'short', year: 'numeric' });
  const time = format(zone, `time ${apart < 60}`, {
    hour: '2-digit',
    minute: '2-digit',
    ...(apart < 60 ? { second: '2-digit' } : {}),
  });
  let previous = '';
  return seconds.map((at) => {
    const date = new Date(at * 1000);
    if (apart >= 28 * 86_400) return month.format(date);
    const today = day.format(date);
    if (apart >= 86_400) return today;
    const isNewDay = today !== previous && time.format(date).startsWith('00:00');
    previous = today;
    return isNewDay ? today : time.format(date);
  });
}

/** Formats the time of a step: its start, and also its end if the step is not a single moment or day. */
export function formatStep(start: number, end: number, zone: Zone): string {
  const length = end - start;
  const day = format(zone, 'long day', { weekday: 'short', day: 'numeric', month: 'short' });
  if (length >= 86_400 * 0.95) {
    const last = new Date(end * 1000 - 1);
    return length < 86_400 * 1.05 ? day.format(start * 1000) : `${day.format(start * 1000)} – ${day.format(last)}`;
  }
  const time = format(zone, `step ${length > 0 && length < 60}`, {
    hour: '2-digit',
    minute: '2-digit',
    ...(length < 60 ? { second: '2-digit' } : {}),
  });
  if (length === 0) return `${day.format(start * 1000)}, ${time.format(start * 1000)}`;
  return `${day.format(start * 1000)}, ${time.format(start * 1000)} – ${time.format(end * 1000)}`;
}
