import type { Series } from '../catalog/series.js';
import type { IncomingSample } from './incoming-sample.js';
import type { Sender } from './sender.js';

const NUL = '\0';

/**
 * Remembers which series an item as it was written belongs to, so that the usual sample costs one look-up: no sanitising,
 * no sorting, no hashing of labels. Bounded by two generations: when the young one is full it becomes the old one, and
 * what was not asked for since is forgotten.
 */
export class SeriesMemo {
  private young = new Map<string, Series>();
  private old = new Map<string, Series>();
  private declarations = 0;

  /** @param generationSize entries of one generation; a key takes about as many bytes as its labels have characters */
  constructor(private readonly generationSize: number) {}

  find(key: string): Series | undefined {
    const series = this.young.get(key);
    if (series !== undefined) return series;
    const survivor = this.old.get(key);
    if (survivor !== undefined) this.put(key, survivor);
    return survivor;
  }

  remember(key: string, sample: IncomingSample, series: Series): void {
    // One that was removed while its batch was on the way: what was remembered before that was forgotten then.
    if (!series.isRemoved && isMemorable(sample)) this.put(key, series);
  }

  /** Forgets everything if what it rests on has changed. */
  keepFor(declarations: number): void {
    if (declarations === this.declarations) return;
    this.declarations = declarations;
    this.young.clear();
    this.old.clear();
  }

  private put(key: string, series: Series): void {
    if (this.young.size >= this.generationSize) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(key, series);
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
 */
export function memoKeyOf(prefix: string, sample: IncomingSample): string {
  let key = prefix + sample.name;
  let count = 0;
  const { labels } = sample;
  if (labels !== undefined) {
    for (const name in labels) {
      key += NUL + name + NUL + labels[name];
      count++;
    }
  }
  return key + NUL + count;
}

function isMemorable({ name, labels }: IncomingSample): boolean {
  if (name.includes(NUL)) return false;
  for (const label in labels) {
    const value = labels[label];
    if (label.includes(NUL) || (typeof value === 'string' && value.includes(NUL))) return false;
  }
  return true;
}
