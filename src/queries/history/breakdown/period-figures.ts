import type { Series } from '../../../catalog/series/series.js';
import { addCompensated } from '../../../live-values/compensated-sum.js';
import { Turns } from '../../../scheduling/turns.js';
import { CounterGrowth } from '../aggregates/counter-growth.js';
import { RunningTotal } from '../aggregates/running-total.js';
import type { ScanWindow } from '../sample-scan.js';

/** The two periods of a comparison: the period before has the index 0, the range itself the index 1. */
export const BEFORE = 0;
export const NOW = 1;
export type Period = typeof BEFORE | typeof NOW;

/** Number of samples between two checks of the clock. */
const SAMPLES_PER_TURN = 4_096;

/** Converts a sample of one series to the number that is compared. */
type Reading = (at: number, value: number) => number;

/**
 * Collects the figures of many series in two periods: the number of samples, and the growth of a counter, or the mean of a gauge
 * and the sum of squared distances from it.
 *
 * Figures are in flat arrays, because a hundred thousand series with an object for each figure would take a hundred megabytes.
 */
export class PeriodFigures {
  private readonly counts: Float64Array;
  /** The growth of counters, or the means of gauges. */
  private readonly numbers: Float64Array;
  /** The low doubles of the compensated sums of growth, or the sums of squared distances of gauges. */
  private readonly rests: Float64Array;
  private readonly places = new Map<number, number>();
  private readonly readings = new Map<number, Reading>();

  /**
   * @param series all series of the scan
   * @param isCounter whether growth is collected
   * @param nowFrom the time at which the period before ends and the range begins, in milliseconds since the epoch
   */
  constructor(
    series: readonly Series[],
    private readonly isCounter: boolean,
    private readonly nowFrom: number,
  ) {
    this.counts = new Float64Array(2 * series.length);
    this.numbers = new Float64Array(2 * series.length);
    this.rests = new Float64Array(2 * series.length);
    for (const [place, { id }] of series.entries()) this.places.set(id, place);
  }

  /** Adds the samples of a window. Windows must follow each other in time. */
  async add({ samples }: ScanWindow): Promise<void> {
    const turns = new Turns();
    for (const { series, timestamps, values, before } of samples) {
      const reading = this.readingOf(series, before.value);
      const place = 2 * this.places.get(series.id)!;
      for (let index = 0; index < values.length; index++) {
        // A stale marker is not a value.
        if (Number.isNaN(values[index]!)) continue;
        const at = timestamps[index]!;
        this.addSample(place + (at < this.nowFrom ? BEFORE : NOW), reading(at, values[index]!));
        if (index % SAMPLES_PER_TURN === SAMPLES_PER_TURN - 1) await turns.give();
      }
      if (turns.isUp) await turns.give();
    }
  }

  /** @param place the index of the series */
  countOf(place: number, period: Period): number {
    return this.counts[2 * place + period]!;
  }

  /** Returns the growth of a counter, or the mean of a gauge. */
  numberOf(place: number, period: Period): number {
    return this.numbers[2 * place + period]!;
  }

  /** Returns the sum of the squared distances of a gauge's samples from their mean. */
  squaresOf(place: number, period: Period): number {
    return this.rests[2 * place + period]!;
  }

  private addSample(place: number, number: number): void {
    const count = ++this.counts[place]!;
    if (this.isCounter) {
      addCompensated(this.numbers, this.rests, place, number);
      return;
    }
    const distance = number - this.numbers[place]!;
    this.numbers[place]! += distance / count;
    this.rests[place]! += distance * (number - this.numbers[place]!);
  }

  private readingOf(series: Series, before: number | undefined): Reading {
    // Most series need no state, because their samples are already the numbers that are compared.
    if (this.isCounter ? series.kind === 'delta' : series.kind !== 'delta') return asPushed;
    let reading = this.readings.get(series.id);
    if (reading === undefined) {
      const state = this.isCounter ? new CounterGrowth(series, before) : new RunningTotal(before);
      reading = (at, value) => state.add(at, value);
      this.readings.set(series.id, reading);
    }
    return reading;
  }
}

function asPushed(_at: number, value: number): number {
  return value;
}
