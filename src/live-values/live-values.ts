import { Injectable } from '@nestjs/common';
import type { Series } from '../catalog/series/series.js';
import { addCompensated } from './compensated-sum.js';
import { type Arrival, compareToNewest } from './sample-order.js';

/** Committed samples, as parallel arrays. */
export interface CommittedSamples extends Arrival {
  readonly series: readonly Series[];
  /** The values of the samples. NaN is a stale marker. */
  readonly values: Float64Array;
  /** The time of each sample in milliseconds since the epoch; null when all samples have the time `receivedAt`. */
  readonly timestamps: Float64Array | null;
}

/** The state of a series when its log rows were compacted. After a restart, its live value starts from here. */
export interface SeriesTotals {
  readonly total: number;
  readonly totalLow: number;
  /** The value of the last sample. NaN means that it is a stale marker. */
  readonly lastValue: number | null;
  /** The time of the last sample, in milliseconds since the epoch. */
  readonly lastAt: number | null;
  /**
   * The arrival time of the last sample. Together with the position in the log, it orders the sample among others of the same
   * time.
   */
  readonly lastReceivedAt: number | null;
  readonly lastWriterId: number | null;
  readonly lastSequence: number | null;
  /** The time at which a sample last arrived, regardless of that sample's own time. */
  readonly pushedAt: number | null;
}

/**
 * Observes which samples become live values. Its methods run before the requests of the samples are answered, so they must be
 * fast.
 */
export interface LiveValuesWatcher {
  /** Called after committed samples were applied. Samples of removed series are among them. */
  applied(samples: CommittedSamples): void;
  /** Called after all values were replaced, when it is not known which series have received samples. */
  replaced(): void;
}

const INITIAL_SLOTS = 1024;
const NOTHING: readonly number[] = [];

/**
 * Holds the current value of every series, as `/metrics` shows it.
 *
 * Only committed samples are applied, so that every visible value is also in Postgres. The result does not depend on the order in
 * which rows are applied; {@link compareToNewest} determines which sample of a series is the last. If this is a stale marker, the
 * series is hidden; the total of a delta counter is kept and continues.
 *
 * The values are columns in typed arrays, indexed by {@link Series.slot}: 61 bytes per series, and applying a sample costs a few
 * nanoseconds. A slot belongs to one series at a time. It is empty when the next series gets it, and code that still holds the
 * removed series can neither read nor write it. The class needs no locks: each operation is a single synchronous step.
 */
@Injectable()
export class LiveValues {
  /** The series that owns each slot. */
  private owners = Array.from<Series | undefined>({ length: INITIAL_SLOTS });
  /** The total of a delta counter (high double), or the last value of any other series. */
  private values = new Float64Array(INITIAL_SLOTS);
  private lows = new Float64Array(INITIAL_SLOTS);
  /** The time of the newest sample in ms since the epoch. NaN means that there is no sample yet. */
  private newestAt = new Float64Array(INITIAL_SLOTS).fill(NaN);
  private newestReceivedAt = new Float64Array(INITIAL_SLOTS);
  private newestSequence = new Float64Array(INITIAL_SLOTS);
  private newestWriter = new Int32Array(INITIAL_SLOTS);
  /**
   * The time at which a sample last arrived, regardless of that sample's own time. Whether a gauge is hidden because it is no
   * longer pushed depends on this time, because a backdated sample may have been pushed just now.
   */
  private pushedAt = new Float64Array(INITIAL_SLOTS);
  /** The value is 1 where the newest sample is a stale marker. */
  private stale = new Uint8Array(INITIAL_SLOTS);
  private watcher: LiveValuesWatcher | undefined;

  /** Sets the only watcher, or removes it. Without a watcher, applying samples costs nothing extra. */
  watchBy(watcher: LiveValuesWatcher | undefined): void {
    this.watcher = watcher;
  }

  /**
   * Applies one log row: adds its deltas and sets its last values.
   *
   * @returns the indexes of the samples that were left out because their series has been removed in the meantime
   */
  apply(samples: CommittedSamples): readonly number[] {
    const { series, values, timestamps, receivedAt, writerId, sequence } = samples;
    let leftOut: number[] | undefined;
    for (let index = 0; index < series.length; index++) {
      const each = series[index]!;
      if (each.isRemoved) {
        (leftOut ??= []).push(index);
        continue;
      }
      const { slot, kind } = each;
      if (this.owners[slot] !== each) this.claim(each);
      const at = timestamps === null ? receivedAt : timestamps[index]!;
      const isNewest = this.isNewest(slot, at, samples);
      if (kind === 'delta') addCompensated(this.values, this.lows, slot, values[index]!);
      else if (isNewest) this.values[slot] = values[index]!;
      if (isNewest) {
        this.stale[slot] = Number.isNaN(values[index]!) ? 1 : 0;
        this.newestAt[slot] = at;
        this.newestReceivedAt[slot] = receivedAt;
        this.newestWriter[slot] = writerId;
        this.newestSequence[slot] = sequence;
      }
      if (receivedAt > this.pushedAt[slot]!) this.pushedAt[slot] = receivedAt;
    }
    this.watcher?.applied(samples);
    return leftOut ?? NOTHING;
  }

  /** Sets the totals of a series as they are stored. Log rows are applied on top of them. */
  restore(series: Series, totals: SeriesTotals): void {
    const { slot } = series;
    this.claim(series);
    this.values[slot] = series.kind === 'delta' ? totals.total : (totals.lastValue ?? 0);
    this.lows[slot] = series.kind === 'delta' ? totals.totalLow : 0;
    this.stale[slot] = Number.isNaN(totals.lastValue ?? 0) ? 1 : 0;
    this.newestAt[slot] = totals.lastAt ?? NaN;
    this.newestReceivedAt[slot] = totals.lastReceivedAt ?? 0;
    this.newestWriter[slot] = totals.lastWriterId ?? 0;
    this.newestSequence[slot] = totals.lastSequence ?? 0;
    this.pushedAt[slot] = totals.pushedAt ?? 0;
  }

  /** Takes over the values of another instance in one step; that instance must not be used afterwards. The watcher stays. */
  replaceBy(others: LiveValues): void {
    this.owners = others.owners;
    this.values = others.values;
    this.lows = others.lows;
    this.newestAt = others.newestAt;
    this.newestReceivedAt = others.newestReceivedAt;
    this.newestSequence = others.newestSequence;
    this.newestWriter = others.newestWriter;
    this.pushedAt = others.pushedAt;
    this.stale = others.stale;
    this.watcher?.replaced();
  }

  /**
   * Returns whether there is a value to show. There is none for a series without a committed sample, for a stale series and for a
   * removed one.
   */
  has(series: Series): boolean {
    const { slot } = series;
    return (
      !series.isRemoved && this.owners[slot] === series && this.stale[slot] === 0 && !Number.isNaN(this.newestAt[slot]!)
    );
  }

  /**
   * Returns the total of a delta counter, or the last value of any other series; NaN if nothing was applied or restored. A stale
   * delta counter still has its total, so {@link has} decides whether there is a value to show.
   */
  valueOf(series: Series): number {
    return this.owners[series.slot] === series ? this.values[series.slot]! : NaN;
  }

  /** Returns the time of the newest sample in ms since the epoch, or NaN if there is none. */
  newestAtOf(series: Series): number {
    return this.owners[series.slot] === series ? this.newestAt[series.slot]! : NaN;
  }

  /** Returns the time at which a sample of the series last arrived, in ms since the epoch, or 0 if none has arrived. */
  pushedAtOf(series: Series): number {
    return this.owners[series.slot] === series ? this.pushedAt[series.slot]! : 0;
  }

  /** Returns the time of the newest arrival of all series, in ms since the epoch; 0 if nothing has arrived. */
  newestArrival(): number {
    let newest = 0;
    for (let slot = 0; slot < this.pushedAt.length; slot++) {
      newest = Math.max(newest, this.pushedAt[slot]!, this.newestReceivedAt[slot]!);
    }
    return newest;
  }

  /**
   * Returns whether a sample is the newest so far. Samples of a row are visited in their order, so one that compares equal is
   * newer.
   */
  private isNewest(slot: number, at: number, arrival: Arrival): boolean {
    const order = compareToNewest(
      at,
      arrival,
      this.newestAt[slot]!,
      this.newestReceivedAt[slot]!,
      this.newestWriter[slot]!,
      this.newestSequence[slot]!,
    );
    return order >= 0;
  }

  /** Gives a series its slot and clears the slot, because a removed series may have used it before. */
  private claim(series: Series): void {
    const { slot } = series;
    if (slot >= this.values.length) this.grow(slot);
    this.owners[slot] = series;
    this.values[slot] = 0;
    this.lows[slot] = 0;
    this.newestAt[slot] = NaN;
    this.newestReceivedAt[slot] = 0;
    this.newestSequence[slot] = 0;
    this.newestWriter[slot] = 0;
    this.pushedAt[slot] = 0;
    this.stale[slot] = 0;
  }

  private grow(slot: number): void {
    const length = Math.max(slot + 1, this.values.length * 2);
    // Slots are added one by one, because V8 turns an array with a gap into a slow dictionary.
    while (this.owners.length < length) this.owners.push(undefined);
    this.newestAt = grown(this.newestAt, new Float64Array(length).fill(NaN));
    this.values = grown(this.values, new Float64Array(length));
    this.lows = grown(this.lows, new Float64Array(length));
    this.newestReceivedAt = grown(this.newestReceivedAt, new Float64Array(length));
    this.newestSequence = grown(this.newestSequence, new Float64Array(length));
    this.newestWriter = grown(this.newestWriter, new Int32Array(length));
    this.pushedAt = grown(this.pushedAt, new Float64Array(length));
    this.stale = grown(this.stale, new Uint8Array(length));
  }
}

function grown<T extends Float64Array | Int32Array | Uint8Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
