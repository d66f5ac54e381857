/** The zone of the person, or UTC. */
export type Zone = 'local' | 'utc';

function zoneOf(zone: Zone): string | undefined {
  return zone === 'utc' ? 'UTC' : undefined;
}

/** Writes a time exactly, with its zone. */
export function formatTime(at: Date | number, zone: Zone): string {
  return new Intl.DateTimeFormat(undefined, {
    timeZone: zoneOf(zone),
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  }).format(at);
}

/** Writes how long ago something was. */
export function formatAgo(at: Date | number, now: Date | number = Date.now()): string {
  const seconds = Math.round((Number(now) - Number(at)) / 1000);
  if (seconds < 5) return 'now';
  const units: [Intl.RelativeTimeFormatUnit, number][] = [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
    ['second', 1],
  ];
  const [unit, length] = units.find(([, length]) => seconds >= length) ?? ['second', 1];
  return new Intl.RelativeTimeFormat('en', { style: 'short' }).format(-Math.floor(seconds / length), unit);
}

/** Writes a length of time in seconds with one or two units. */
export function formatDuration(seconds: number): string {
  const units: [string, number][] = [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ];
  const parts: string[] = [];
  let rest = Math.round(seconds);
  for (const [name, length] of units) {
    const count = Math.floor(rest / length);
    if (count > 0) parts.push(`${count} ${name}`);
    rest -= count * length;
    if (parts.length === 2) break;
  }
  return parts.join(' ') || '0 s';
}
