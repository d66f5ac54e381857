import type { Series } from '../catalog/series.js';
import type { IncomingSample } from '../ingestion/incoming-sample.js';
import { ItemScanner } from './item-scanner.js';

/** A batch of which every item was known. */
export interface KnownBatch {
  readonly series: readonly Series[];
  readonly values: Float64Array;
}

/** An item as it was once parsed, checked and resolved: its bytes around the number of its value. */
interface KnownItem {
  readonly sender: string;
  readonly before: Buffer;
  readonly after: Buffer;
  readonly series: Series;
}

/** A longer item is rare, and not worth its memory. */
const MAX_ITEM_BYTES = 2_048;

/**
 * Recognises items by their bytes.
 *
 * An app pushes the same series again and again, and its serialiser writes them the same way each time: only the number
 * changes. An item whose bytes around the number are known therefore is valid JSON, fits the schema and belongs to the
 * series it belonged to before, with the new number for its value. Finding that out costs a tenth of parsing it: no string
 * is made, no label is looked at. If one item of a batch is not known, the batch takes the usual way.
 *
 * Bounded by two generations, as the resolver's memo is.
 */
export class KnownItems {
  private young = new Map<number, KnownItem>();
  private old = new Map<number, KnownItem>();
  private declarations = 0;

  /** @param generationSize items of one generation; each takes some 300 bytes more than its text */
  constructor(private readonly generationSize: number) {}

  /** Forgets everything if what it rests on has changed. */
  keepFor(declarations: number): void {
    if (declarations === this.declarations) return;
    this.declarations = declarations;
    this.young.clear();
    this.old.clear();
  }

  /**
   * Reads a batch without parsing it.
   *
   * @param sender whose items they are; others' are not known
   * @param maxSamples a larger batch takes the usual way, which refuses what is too much
   * @returns undefined if anything about it is not known
   */
  read(body: Buffer, sender: string, maxSamples: number): KnownBatch | undefined {
    const scanner = new ItemScanner(body);
    if (!scanner.open()) return undefined;
    const series: Series[] = [];
    const values: number[] = [];
    while (!scanner.isDone) {
      if (!scanner.next() || series.length === maxSamples) return undefined;
      const item = this.find(scanner, body, sender);
      // A delta that would make the counter fall is refused on the usual way.
      if (item === undefined || (scanner.value < 0 && item.series.canOnlyRise)) return undefined;
      series.push(item.series);
      values.push(scanner.value);
    }
    return { series, values: Float64Array.from(values) };
  }

  /**
   * Remembers the items of a batch that was taken whole.
   *
   * @param samples what the body was parsed to
   * @param series the series of each sample, in the same order
   */
  learn(body: Buffer, sender: string, samples: readonly IncomingSample[], series: readonly Series[]): void {
    const scanner = new ItemScanner(body);
    if (!scanner.open()) return;
    for (let index = 0; index < series.length && !scanner.isDone; index++) {
      if (!scanner.next()) return;
      const { timestamp, value } = samples[index]!;
      // A time is another one in the next push; remembering it would only push out what comes again.
      // Nor a series that was removed since: what was known before that was forgotten then.
      if (series[index]!.isRemoved) continue;
      if (timestamp != null || scanner.end - scanner.start > MAX_ITEM_BYTES || scanner.value !== value) continue;
      if (this.find(scanner, body, sender) !== undefined) continue;
      this.put(scanner.hash, {
        sender,
        before: Buffer.from(body.subarray(scanner.start, scanner.valueStart)),
        after: Buffer.from(body.subarray(scanner.valueEnd, scanner.end)),
        series: series[index]!,
      });
    }
  }

  private find(scanner: ItemScanner, body: Buffer, sender: string): KnownItem | undefined {
    const { hash } = scanner;
    let item = this.young.get(hash);
    if (item === undefined) {
      item = this.old.get(hash);
      if (item !== undefined) this.put(hash, item);
    }
    return item !== undefined &&
      item.sender === sender &&
      isSame(item.before, body, scanner.start, scanner.valueStart) &&
      isSame(item.after, body, scanner.valueEnd, scanner.end)
      ? item
      : undefined;
  }

  private put(hash: number, item: KnownItem): void {
    if (this.young.size >= this.generationSize) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(hash, item);
  }
}

/** A loop: for some dozens of bytes it is faster than a call out of JavaScript. */
function isSame(known: Buffer, body: Buffer, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let index = 0; index < known.length; index++) {
    if (known[index] !== body[start + index]) return false;
  }
  return true;
}
