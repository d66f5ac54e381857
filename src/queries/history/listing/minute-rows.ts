import type { Series } from '../../../catalog/series/series.js';
import { CompensatedSum } from '../../../live-values/compensated-sum.js';
import { Turns } from '../../../scheduling/turns.js';
import { MINUTE_MS } from '../../../scheduling/units-of-time.js';
import type { ScanWindow } from '../sample-scan.js';

/** What a series held at the end of a minute. */
export interface MinuteRow {
  readonly series: Series;
  /** Start of the minute, ms since the epoch. */
  readonly minute: number;
  readonly value: number;
}

/** The start of the minute that a time is in. */
export function minuteOf(time: number): number {
  return Math.floor(time / MINUTE_MS) * MINUTE_MS;
}

/** The last value that each series was pushed in each minute, in the order of minutes, then of series ids. */
export async function* lastPerMinute(windows: AsyncIterable<ScanWindow>): AsyncGenerator<MinuteRow> {
  const open = new Map<number, Map<Series, number>>();
  const turns = new Turns();
  for await (const { from, samples } of windows) {
    await turns.give();
    // Only a window that begins after a minute tells that nothing more of that minute will come.
    yield* close(open, from);
    for (const { series, timestamps, values } of samples) {
      for (let index = 0; index < values.length; index++) {
        // Stale markers are no values.
        if (Number.isNaN(values[index]!)) continue;
        const minute = minuteOf(timestamps[index]!);
        let row = open.get(minute);
        if (row === undefined) open.set(minute, (row = new Map<Series, number>()));
        row.set(series, values[index]!);
      }
      if (turns.isUp) await turns.give();
    }
  }
  yield* close(open, Infinity);
}

function* close(open: Map<number, Map<Series, number>>, before: number): Generator<MinuteRow> {
  const minutes = [...open.keys()].filter((minute) => minute + MINUTE_MS <= before).toSorted((a, b) => a - b);
  for (const minute of minutes) {
    const row = [...open.get(minute)!].toSorted(([a], [b]) => a.id - b.id);
    for (const [series, value] of row) yield { series, minute, value };
    open.delete(minute);
  }
}

/** The running totals of delta counters at the end of each minute with a sample; of one scan with `before`. */
export async function totalsPerMinute(
  windows: AsyncIterable<ScanWindow>,
): Promise<Map<Series, ReadonlyMap<number, number>>> {
  const totals = new Map<Series, { sum: CompensatedSum; byMinute: Map<number, number> }>();
  const turns = new Turns();
  for await (const { samples } of windows) {
    await turns.give();
    for (const { series, timestamps, values, before } of samples) {
      let total = totals.get(series);
      if (total === undefined) {
        total = { sum: new CompensatedSum(before.value), byMinute: new Map() };
        totals.set(series, total);
      }
      for (let index = 0; index < values.length; index++) {
        total.sum.add(values[index]!);
        total.byMinute.set(minuteOf(timestamps[index]!), total.sum.high);
      }
      if (turns.isUp) await turns.give();
    }
  }
  return new Map([...totals].map(([series, { byMinute }]) => [series, byMinute]));
}
