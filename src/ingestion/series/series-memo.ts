import { bytesOfText } from '../../catalog/series/memory-cost.js';
import type { Series } from '../../catalog/series/series.js';
import type { IncomingSample } from '../incoming-sample.js';
import type { Sender } from '../sender.js';

const NUL = '\0';

/**
 * Maximum length of a key. Items with longer keys are not remembered: they are rare, and building the key costs more than reading
 * the labels.
 */
const MAX_KEY_LENGTH = 2_048;

/** Bytes that an entry takes in addition to the text of its key. */
const ENTRY_BYTES = 120;

/**
 * Remembers the series of items by the texts of the items, so that a typical sample costs one lookup and no sanitizing, sorting
 * or hashing of labels. The memory is bounded by two generations: when the young one is full, it becomes the old one, and the
 * former old one is forgotten. An item that is used moves to the young one. The limit is in bytes, because one series can be
 * written in very many ways, for example with its labels in another order or with empty labels.
 */
export class SeriesMemo {
  private young = new Map<string, Series>();
  private old = new Map<string, Series>();
  private youngBytes = 0;
  private oldBytes = 0;
  private generation = 0;

  /** @param generationBytes the maximum memory of one generation */
  constructor(private readonly generationBytes: number) {}

  /** Estimated memory in use, in bytes. */
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
    // A series may have been removed while its batch was processed. Its removal cleared the memo, so it must not be added again.
    if (!series.isRemoved && isMemorable(sample)) this.put(key, series);
  }

  /** Forgets everything if the generation of the catalog has changed. */
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

/** Returns the prefix of a sender's keys. Senders whose labels or temporality differ must not share entries. */
export function memoPrefixOf(sender: Sender): string {
  const isPlain = Object.keys(sender.labels).length === 0 && sender.defaultTemporality === null;
  if (isPlain) return NUL;
  // JSON escapes NUL characters, so the prefix ends at its first NUL.
  const fixed = sender.isOfHost === true ? JSON.stringify([sender.labels, sender.defaultTemporality]) : '';
  return `${sender.tokenId}${fixed}${NUL}`;
}

/**
 * Returns the key of an item: the prefix, the name, the labels in the order in which they were sent, and their number.
 *
 * Two different items never share a key that is remembered. Remembered items contain no NUL ({@link isMemorable}), so their key
 * has exactly one NUL for each label name and each value. To share a key, an item that itself contains NULs would need the same
 * number of labels, and its key would then have more NULs.
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
