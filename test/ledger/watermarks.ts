import type { Findings } from './findings.js';

/**
 * Records the highest observed value of each counter. None may be lower later, and none may disappear.
 *
 * The only exception is a failover: each observer may once see everything as it is on the promoted standby.
 */
export class Watermarks {
  private readonly seen = new Map<string, Map<string, number>>();
  private readonly highest = new Map<string, number>();
  /** The observers that have not seen the values of the promoted standby yet, so that these may be lower. */
  private readonly mayFall = new Set<string>();
  private isFailingOver = false;
  private failovers = 0;

  constructor(private readonly findings: Findings) {}

  /** Records a failover. Some processes may now show the old primary's data, and others the new one's. */
  failOver(): void {
    this.isFailingOver = true;
    this.failovers++;
    this.highest.clear();
    for (const observer of this.seen.keys()) this.mayFall.add(observer);
  }

  /** Records that all processes show the new primary's data, so that no value may fall any more. */
  settle(): void {
    this.isFailingOver = false;
    this.mayFall.clear();
  }

  /** Returns a function that tells whether the values observed until now are still a valid lower bound. */
  watch(): () => boolean {
    const { failovers } = this;
    return () => !this.isFailingOver && failovers === this.failovers;
  }

  /** Returns the values that one observer has seen last. */
  seenBy(observer: string): ReadonlyMap<string, number> {
    return new Map(this.seen.get(observer));
  }

  /** Returns the highest values that all observers together have seen so far. */
  highestNow(): ReadonlyMap<string, number> {
    return new Map(this.highest);
  }

  /**
   * Records what one observer sees. Calls for one observer must be in the order of its observations.
   *
   * @param about describes, in a finding, what was happening
   */
  observe(observer: string, values: ReadonlyMap<string, number>, about: string): void {
    const before = this.seen.get(observer) ?? new Map<string, number>();
    const falls = fallsBetween(before, values);
    if (falls.length === 0 || !this.mayFall.delete(observer)) {
      for (const fall of falls) this.findings.add(`${observer} (${about}): ${fall}`);
    }
    // Each fall is reported only once, because the next values are compared with the current ones.
    this.seen.set(observer, new Map(values));
    if (this.isFailingOver) return;
    for (const [series, value] of values) {
      if (value > (this.highest.get(series) ?? -Infinity)) this.highest.set(series, value);
    }
  }

  expectNotBelow(floor: ReadonlyMap<string, number>, values: ReadonlyMap<string, number>, who: string): void {
    for (const fall of fallsBetween(floor, values)) this.findings.add(`${who}: ${fall}`);
  }
}

function fallsBetween(floor: ReadonlyMap<string, number>, values: ReadonlyMap<string, number>): string[] {
  const falls: string[] = [];
  for (const [series, before] of floor) {
    const value = values.get(series);
    if (value === undefined) falls.push(`${series} is gone, was ${before}`);
    else if (!(value >= before)) falls.push(`${series} fell from ${before} to ${value}`);
  }
  return falls;
}
