import type { Series } from '../../../catalog/series/series.js';
import { CompensatedSum } from '../../../live-values/compensated-sum.js';
import { Turns } from '../../../scheduling/turns.js';
import { MINUTE_MS } from '../../../scheduling/units-of-time.js';
import type { ScanWindow } from '../sample-scan.js';

/** The value of a series at the end of a minute. */
export interface MinuteRow {
  readonly series: Series;
  /** Start of the minute, in milliseconds since the epoch. */
  readonly minute: number;
  readonly value: number;
}

/** Returns the start of the minute that contains a time. */
export function minuteOf(time: number): number {
  return Math.floor(time / MINUTE_MS) * MINUTE_MS;
}

/** Yields the last value that was pushed to each series in each minute, in the order of minutes and then of series ids. */
export async function* lastPerMinute(windows: AsyncIterable<ScanWindow>): AsyncGenerator<MinuteRow> {
  const open = new Map<number, Map<Series, number>>();
  const turns = new Turns();
  for await (const { from, samples } of windows) {
    await turns.give();
    // A minute is complete once a window begins at or after its end.
    yield* close(open, from);
    for (const { series, timestamps, values } of samples) {
      for (let index = 0; index < values.length; index++) {
        // Stale markers are not values.
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

/** Returns the running total of each delta series at the end of each minute with a sample. The scan must provide `before`. */
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
