import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../scheduling/units-of-time.js';

/** Maximum length of a name, which is longer than any in the time zone database. */
const MAX_NAME_LENGTH = 64;

/** Matches the end of a time in ICU's format: `GMT`, `GMT+05:30`, or with seconds, which the offsets of some zones once had. */
const OFFSET = /GMT(?:([-+])(\d\d):(\d\d)(?::(\d\d))?)?$/;

/** A date and a time without a zone, as the milliseconds from the epoch to the same date and time in UTC. */
export type LocalTime = number;

/**
 * Converts between points in time and the local time of a zone, by the rules of Node's ICU for the zone.
 *
 * Near a change of the clock, a local time can be missing or can occur twice. In that case, {@link toUtc} returns the first
 * instant at which local clocks show that time or a later one. The beginning of a day is therefore always the first instant of
 * that day.
 */
export class TimeZone {
  private readonly format: Intl.DateTimeFormat;

  /** The offsets at the beginning of each requested day in UTC. They are cached, because ICU takes microseconds to find one. */
  private readonly offsets = new Map<number, number>();

  private constructor(readonly name: string) {
    this.format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  }

  static utc(): TimeZone {
    return new TimeZone('UTC');
  }

  /**
   * Returns the zone with a name of the IANA time zone database, such as `Europe/Berlin`, in upper or lower case; undefined if
   * the name is not known.
   */
  static of(name: string): TimeZone | undefined {
    if (name.length > MAX_NAME_LENGTH) return undefined;
    try {
      return new TimeZone(name);
    } catch {
      return undefined;
    }
  }

  /**
   * Returns the number of milliseconds by which the zone is ahead of UTC at an instant, which is in milliseconds since the epoch.
   */
  offsetAt(time: number): number {
    const day = Math.floor(time / DAY_MS);
    const offset = this.offsetOfDay(day);
    return offset === this.offsetOfDay(day + 1) ? offset : this.findOffset(time);
  }

  private offsetOfDay(day: number): number {
    const known = this.offsets.get(day);
    if (known !== undefined) return known;
    const offset = this.findOffset(day * DAY_MS);
    this.offsets.set(day, offset);
    return offset;
  }

  private findOffset(time: number): number {
    const [, sign, hours = '0', minutes = '0', seconds = '0'] = OFFSET.exec(this.format.format(time))!;
    const offset = Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS + Number(seconds) * 1_000;
    return sign === '-' ? -offset : offset;
  }

  toLocal(time: number): LocalTime {
    return time + this.offsetAt(time);
  }

  /** Returns the first instant at which local clocks show a time or a later one, in milliseconds since the epoch. */
  toUtc(local: LocalTime): number {
    const before = this.offsetAt(local - DAY_MS);
    const after = this.offsetAt(local + DAY_MS);
    if (before === after) return local - before;
    const [first, second] = [local - before, local - after].toSorted((a, b) => a - b) as [number, number];
    if (this.toLocal(first) === local) return first;
    if (this.toLocal(second) === local) return second;
    return this.changeBetween(first, second);
  }

  /**
   * Returns the first instant between two others at which the offset has changed. All of them are in milliseconds since the
   * epoch.
   */
  private changeBetween(from: number, to: number): number {
    const offset = this.offsetAt(from);
    let unchanged = from;
    let changed = to;
    while (changed - unchanged > 1) {
      const middle = Math.floor((unchanged + changed) / 2);
      if (this.offsetAt(middle) === offset) unchanged = middle;
      else changed = middle;
    }
    return changed;
  }
}
