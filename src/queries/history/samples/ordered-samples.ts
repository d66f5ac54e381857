import type { Series } from '../../../catalog/series/series.js';
import type { SeriesSamples } from '../../../sample-store/reading/columns/series-samples.js';
import type { SampleOrder } from '../dto/samples-query.dto.js';
import type { ScanWindow } from '../sample-scan.js';
import { ownersInOrder } from './sample-order.js';

/** One raw sample. */
export interface Sample {
  readonly series: Series;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly value: number;
  /** The index among the samples of the same series and time, starting at 0. */
  readonly place: number;
}

/** The position in a listing of samples. Everything up to this sample has been returned. */
export type SamplePosition = Pick<Sample, 'at' | 'place'> & { readonly seriesId: number };

/**
 * The samples of a window in the order of all listings: time, then series id, then the order of the log; or in the opposite
 * order. This object represents one sample at a time, because creating an object for each of millions of samples would cost more
 * than writing them to the answer.
 */
export class OrderedSamples implements Sample {
  series: Series;
  at = 0;
  value = 0;
  place = 0;
  /** The index of the series among those of the window that have samples. */
  owner = -1;
  private readonly filled: readonly SeriesSamples[];
  private readonly owners: Uint32Array;
  /** The number of samples of each series that were returned. */
  private readonly taken: Uint32Array;
  private returned = 0;
  private isReadAlready = false;

  constructor(
    { samples }: ScanWindow,
    private readonly order: SampleOrder,
  ) {
    this.filled = samples.filter(({ values }) => values.length > 0);
    this.owners = ownersInOrder(this.filled);
    this.taken = new Uint32Array(this.filled.length);
  }

  /** Reads the next sample into this object. Returns false after the last one. */
  next(): boolean {
    if (this.isReadAlready) {
      this.isReadAlready = false;
      return true;
    }
    const { owners, returned } = this;
    if (returned === owners.length) return false;
    const isDescending = this.order === 'desc';
    const owner = owners[isDescending ? owners.length - 1 - returned : returned]!;
    this.returned++;
    const { series, timestamps, values } = this.filled[owner]!;
    const taken = this.taken[owner]!++;
    const index = isDescending ? values.length - 1 - taken : taken;
    const at = timestamps[index]!;
    if (owner === this.owner && at === this.at) this.place += isDescending ? -1 : 1;
    else this.place = isDescending ? index - firstOf(timestamps, index) : 0;
    this.owner = owner;
    this.series = series;
    this.at = at;
    this.value = values[index]!;
    return true;
  }

  /** Skips the samples up to a position, so that the next one is the first that comes later in this order. */
  skipUntil(position: SamplePosition): void {
    const comesLater = this.order === 'desc' ? isBefore : isAfter;
    while (!this.isReadAlready && this.next()) this.isReadAlready = comesLater(this, position);
  }
}

/** Returns the index of the first time that equals the time at the given index. */
function firstOf(timestamps: Float64Array, index: number): number {
  let first = index;
  while (first > 0 && timestamps[first - 1] === timestamps[index]) first--;
  return first;
}

function isAfter({ series, at, place }: Sample, position: SamplePosition): boolean {
  if (at !== position.at) return at > position.at;
  if (series.id !== position.seriesId) return series.id > position.seriesId;
  return place > position.place;
}

function isBefore({ series, at, place }: Sample, position: SamplePosition): boolean {
  if (at !== position.at) return at < position.at;
  if (series.id !== position.seriesId) return series.id < position.seriesId;
  return place < position.place;
}
