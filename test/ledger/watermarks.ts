import type { Findings } from './findings.js';

/** What was seen of each counter: none may be seen lower later, and none may disappear. */
export class Watermarks {
  private readonly seen = new Map<string, Map<string, number>>();
  private readonly highest = new Map<string, number>();

  constructor(private readonly findings: Findings) {}

  /** What one observer has seen so far. */
  seenBy(observer: string): ReadonlyMap<string, number> {
    return new Map(this.seen.get(observer));
  }

  /** What everybody together has seen so far. */
  highestNow(): ReadonlyMap<string, number> {
    return new Map(this.highest);
  }

  /**
   * Takes up what one observer sees, after it has seen everything before.
   *
   * @param about says in a finding what happened meanwhile
   */
  observe(observer: string, values: ReadonlyMap<string, number>, about: string): void {
    this.expectNotBelow(this.seen.get(observer) ?? new Map<string, number>(), values, `${observer} (${about})`);
    // Each fall is told once: what is seen now is what the next must not be below.
    this.seen.set(observer, new Map(values));
    for (const [series, value] of values) {
      if (value > (this.highest.get(series) ?? -Infinity)) this.highest.set(series, value);
    }
  }

  expectNotBelow(floor: ReadonlyMap<string, number>, values: ReadonlyMap<string, number>, who: string): void {
    for (const [series, before] of floor) {
      const value = values.get(series);
      if (value === undefined) this.findings.add(`${who}: ${series} is gone, was ${before}`);
      else if (!(value >= before)) this.findings.add(`${who}: ${series} fell from ${before} to ${value}`);
    }
  }
}
