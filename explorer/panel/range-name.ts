import { formatDuration } from '../format/time.js';
import { isMoving, range } from '../router/view.js';
import { lengthOf } from './step.js';

const UNITS: Record<string, string> = { s: 's', m: 'min', h: 'h', d: 'days' };

/** Returns the length of the range as a text. A range that ends now keeps the unit in which it was chosen, such as "30 days". */
export function nameOfRange(): string {
  const [, count, unit] = /^-(\d+)([smhd])$/.exec(range.value.from) ?? [];
  if (isMoving.value && count !== undefined) return count === '1' && unit === 'd' ? 'day' : `${count} ${UNITS[unit!]}`;
  const length = lengthOf(range.value);
  return length === null ? 'range' : formatDuration(Math.round(length));
}
