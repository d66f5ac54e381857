import type { Findings } from './findings.js';

/**
 * What was seen of each counter: none may be seen lower later, and none may disappear.
 *
 * The one exception is a failover: each observer may once see everything as the promoted standby has it.
 */
export class Watermarks {
  private readonly seen = new Map<string, Map<string, number>>();
  private readonly highest = new Map<string, number>();
  /** Observers that may see a fall, until they have seen it. */
  private readonly mayFall = new Set<string>();
  private isFailingOver = false;
  private failovers = 0;

  constructor(private readonly findings: Findings) {}

  /** Some processes may now show the old primary's data, and others the new one's. */
  failOver(): void {
    this.isFailingOver = true;
    this.failovers++;
    this.highest.clear();
    for (const observer of this.seen.keys()) this.mayFall.add(observer);
  }

  /** All processes show the new primary's data, and nothing may fall any more. */
  settle(): void {
    this.isFailingOver = false;
    this.mayFall.clear();
  }

  /** Tells whether what was seen until now still holds when something is compared with it later. */
  watch(): () => boolean {
    const { failovers } = this;
    return () => !this.isFailingOver && failovers === this.failovers;
  }

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
    const before = this.seen.get(observer) ?? new Map<string, number>();
    const falls = fallsBetween(before, values);
    if (falls.length === 0 || !this.mayFall.delete(observer)) {
      for (const fall of falls) this.findings.add(`${observer} (${about}): ${fall}`);
    }
    // Each fall is told once: what is seen now is what the next must not be below.
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
