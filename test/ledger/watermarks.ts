import type { Findings } from './findings.js';

/**
 * Records the highest observed value of each counter. None may be lower later, and none may disappear.
 *
 * There are two exceptions. After a failover, each observer may once see everything as it is on the promoted standby. After an attempt
 * to delete samples, or a rename, each observer may see each series of the metric step back once.
 */
export class Watermarks {
  private readonly seen = new Map<string, Map<string, number>>();
  private readonly highest = new Map<string, number>();
  /** The observers that have not seen the values of the promoted standby yet, so that these may be lower. */
  private readonly mayFall = new Set<string>();
  /**
   * The number of attempted deletions and of renames of each metric since everything was last compared. The highest values of these
   * metrics say nothing, and each observer may see each of their series step back once for each of them.
   */
  private readonly corrected = new Map<string, number>();
  /** The number of steps back of each series that each observer has seen. */
  private readonly steps = new Map<string, number>();
  private corrections = 0;
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
    this.steps.clear();
    this.corrected.clear();
  }

  /** Records that samples of a metric are going to be deleted, or that its samples get another name. */
  beginCorrection(metric: string): void {
    this.corrections++;
    this.corrected.set(metric, (this.corrected.get(metric) ?? 0) + 1);
    for (const series of this.highest.keys()) if (metricOf(series) === metric) this.highest.delete(series);
  }

  /** Returns a function that tells whether the values observed until now are still a valid lower bound. */
  watch(): () => boolean {
    const { failovers, corrections } = this;
    return () => !this.isFailingOver && failovers === this.failovers && corrections === this.corrections;
  }

  /** Returns the values that one observer has seen last. */
  seenBy(observer: string): ReadonlyMap<string, number> {
    return new Map([...(this.seen.get(observer) ?? [])].filter(([series]) => !this.corrected.has(metricOf(series))));
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
    const falls = fallsBetween(before, values).filter(({ series }) => !this.takesStep(observer, series));
    if (falls.length === 0 || !this.mayFall.delete(observer)) {
      for (const { text } of falls) this.findings.add(`${observer} (${about}): ${text}`);
    }
    // Each fall is reported only once, because the next values are compared with the current ones.
    this.seen.set(observer, new Map(values));
    if (this.isFailingOver) return;
    for (const [series, value] of values) {
      if (this.corrected.has(metricOf(series))) continue;
      if (value > (this.highest.get(series) ?? -Infinity)) this.highest.set(series, value);
    }
  }

  expectNotBelow(floor: ReadonlyMap<string, number>, values: ReadonlyMap<string, number>, who: string): void {
    for (const { text } of fallsBetween(floor, values)) this.findings.add(`${who}: ${text}`);
  }

  /** Uses up one step back that a deletion allows. */
  private takesStep(observer: string, series: string): boolean {
    const place = `${observer} ${series}`;
    const taken = this.steps.get(place) ?? 0;
    const isAllowed = taken < (this.corrected.get(metricOf(series)) ?? 0);
    if (isAllowed) this.steps.set(place, taken + 1);
    return isAllowed;
  }
}

function metricOf(series: string): string {
  const end = series.indexOf('{');
  return end === -1 ? series : series.slice(0, end);
}

function fallsBetween(
  floor: ReadonlyMap<string, number>,
  values: ReadonlyMap<string, number>,
): { readonly series: string; readonly text: string }[] {
  const falls: { series: string; text: string }[] = [];
  for (const [series, before] of floor) {
    const value = values.get(series);
    if (value === undefined) falls.push({ series, text: `${series} is gone, was ${before}` });
    else if (!(value >= before)) falls.push({ series, text: `${series} fell from ${before} to ${value}` });
  }
  return falls;
}
