import { bytesOfText } from '../../catalog/series/memory-cost.js';
import type { Series } from '../../catalog/series/series.js';
import type { IncomingSample } from '../incoming-sample.js';
import type { Sender } from '../sender.js';

const NUL = '\0';

/** A longer item is rare, and not worth its memory; putting its key together would cost more than reading its labels. */
const MAX_KEY_LENGTH = 2_048;

/** What an entry takes beside the text of its key. */
const ENTRY_BYTES = 120;

/**
 * Remembers which series an item as it was written belongs to, so that the usual sample costs one look-up: no sanitising,
 * no sorting, no hashing of labels. Bounded by two generations: when the young one is full it becomes the old one, and
 * what was not asked for since is forgotten. They are bounded by bytes, because one series can be written in very many ways:
 * with its labels in another order, or with labels that are empty.
 */
export class SeriesMemo {
  private young = new Map<string, Series>();
  private old = new Map<string, Series>();
  private youngBytes = 0;
  private oldBytes = 0;
  private generation = 0;

  /** @param generationBytes memory of one generation */
  constructor(private readonly generationBytes: number) {}

  /** Memory that is in use. */
  get bytes(): number {
    return this.youngBytes + this.oldBytes;
  }

  find(key: string | undefined): Series | undefined {
    if (key === undefined) return undefined;
    const series = this.young.get(key);
    if (series !== undefined) return series;
    const survivor = this.old.get(key);
    if (survivor !== undefined) this.put(key, survivor);
    return survivor;
  }

  remember(key: string | undefined, sample: IncomingSample, series: Series): void {
    if (key === undefined) return;
    // One that was removed while its batch was on the way: what was remembered before that was forgotten then.
    if (!series.isRemoved && isMemorable(sample)) this.put(key, series);
  }

  /** Forgets everything if what it rests on has changed. */
  keepOnlyFor(generation: number): void {
    if (generation === this.generation) return;
    this.generation = generation;
    this.young.clear();
    this.old.clear();
    this.youngBytes = 0;
    this.oldBytes = 0;
  }

  private put(key: string, series: Series): void {
    const bytes = ENTRY_BYTES + bytesOfText(key);
    if (this.youngBytes + bytes > this.generationBytes) {
      this.old = this.young;
      this.oldBytes = this.youngBytes;
      this.young = new Map();
      this.youngBytes = 0;
    }
    const before = this.young.size;
    this.young.set(key, series);
    if (this.young.size > before) this.youngBytes += bytes;
  }
}

/** Prefix of the keys of a sender: senders whose labels or temporality differ must not share entries. */
export function memoPrefixOf(sender: Sender): string {
  const isPlain = Object.keys(sender.labels).length === 0 && sender.defaultTemporality === null;
  return isPlain ? NUL : `${sender.tokenId}${NUL}`;
}

/**
 * The key of an item: prefix, name and labels in the order they were written, with their number at the end.
 *
 * Two different items never share a key that is remembered. Remembered items contain no NUL ({@link isMemorable}), so
 * theirs has exactly one NUL for each label name and each value; an item with NULs of its own would need the same number
 * of labels to share the key, and then has more.
 *
 * @returns undefined for an item that is too long to be remembered
 */
export function memoKeyOf(prefix: string, sample: IncomingSample): string | undefined {
  let key = prefix + sample.name;
  let count = 0;
  const { labels } = sample;
  if (labels !== undefined) {
    for (const name in labels) {
      key += NUL + name + NUL + labels[name];
      if (key.length > MAX_KEY_LENGTH) return undefined;
      count++;
    }
  }
  return key.length > MAX_KEY_LENGTH ? undefined : key + NUL + count;
}

function isMemorable({ name, labels }: IncomingSample): boolean {
  if (name.includes(NUL)) return false;
  for (const label in labels) {
    const value = labels[label];
    if (label.includes(NUL) || (typeof value === 'string' && value.includes(NUL))) return false;
  }
  return true;
}
