import type { Series } from '../../../catalog/series/series.js';
import type { IncomingSample } from '../../../ingestion/incoming-sample.js';
import type { ItemPlace } from '../../../ingestion/recognition/item-table.js';
import { MAX_ITEM_BYTES, type RecognisedSeries } from '../../../ingestion/recognition/recognised-series.js';
import { type NameValidation, storedMetricName } from '../../../outside-text/name.js';
import { ItemScanner } from './item-scanner.js';

/** A batch whose items were all known. */
export interface KnownBatch {
  readonly series: readonly Series[];
  readonly values: Float64Array;
}

/** The number of items that are learned between two checks of the clock. */
const ITEMS_PER_STEP = 32;

/**
 * Recognises items by their bytes.
 *
 * An app pushes the same series again and again, and its serialiser writes them in the same way each time. Only the number
 * changes. An item whose bytes around the number are known is therefore valid JSON, fits the schema and belongs to the same
 * series as before, with the new number as its value. Recognising an item costs a fifth of parsing it, because no string is
 * created and no label is examined. If one item of a batch is not known, the whole batch takes the usual path.
 */
export class KnownItems {
  /** A buffer for the values of the batch that is being read. Only the part that was filled is copied. */
  private values = new Float64Array(1_024);

  /**
   * @param recognised the series of all items that are known
   * @param nameValidation the rules for the names of metrics
   */
  constructor(
    private readonly recognised: RecognisedSeries,
    private readonly nameValidation: NameValidation = 'legacy',
  ) {}

  /**
   * Reads a batch without parsing it.
   *
   * @param sender the sender of the batch; items of other senders do not count as known
   * @param maxSamples a larger batch takes the usual path, which refuses it
   * @returns undefined if any part of the batch is not known
   */
  read(body: Buffer, sender: string, maxSamples: number): KnownBatch | undefined {
    const scanner = new ItemScanner(body);
    if (!scanner.open()) return undefined;
    const bytes = viewOf(body);
    const found: Series[] = [];
    while (!scanner.isDone) {
      if (!scanner.next() || found.length === maxSamples) return undefined;
      const series = this.recognised.find(bytes, scanner, sender);
      // The usual path refuses a delta that would make the counter fall.
      if (series === undefined || (scanner.value < 0 && series.canOnlyRise)) return undefined;
      if (found.length === this.values.length) this.growValues();
      this.values[found.length] = scanner.value;
      found.push(series);
    }
    return { series: found, values: this.values.slice(0, found.length) };
  }

  /**
   * Remembers the items of a batch whose items were all accepted.
   *
   * @param samples the samples that the body was parsed to
   * @param series the series of each sample, in the same order
   * @returns a generator that yields often, so that other work can run: each item is parsed twice for verification
   */
  *learn(
    body: Buffer,
    sender: string,
    samples: readonly IncomingSample[],
    series: readonly Series[],
  ): Generator<void, void> {
    const places = placesOf(body, samples);
    if (places?.length !== series.length) return;
    const bytes = viewOf(body);
    for (let index = 0; index < series.length; index++) {
      if (index % ITEMS_PER_STEP === ITEMS_PER_STEP - 1) yield;
      const place = places[index]!;
      // A timestamp differs in the next push, so an item with a timestamp is not learned: it would only displace items that are
      // sent again.
      if (samples[index]!.timestamp != null || !this.isStill(series[index]!, samples[index]!)) continue;
      if (place.end - place.start > MAX_ITEM_BYTES) continue;
      if (this.recognised.find(bytes, place, sender) !== undefined) continue;
      if (isItem(body, place)) this.recognised.put(bytes, place, sender, series[index]!);
    }
  }

  /**
   * Returns whether a series still belongs to its item. Since the item was accepted, the series may have been removed, or its metric
   * renamed. The known items were forgotten then, and this one must not be learned again.
   */
  private isStill(series: Series, { name }: IncomingSample): boolean {
    return !series.isRemoved && storedMetricName(name, this.nameValidation) === series.metric.name;
  }

  private growValues(): void {
    const values = new Float64Array(this.values.length * 2);
    values.set(this.values);
    this.values = values;
  }
}

/** Returns the places of the items of a body, or undefined if they do not match the samples that the body was parsed to. */
function placesOf(body: Buffer, samples: readonly IncomingSample[]): ItemPlace[] | undefined {
  const scanner = new ItemScanner(body);
  if (!scanner.open()) return undefined;
  const places: ItemPlace[] = [];
  while (!scanner.isDone) {
    if (!scanner.next() || scanner.value !== samples[places.length]?.value) return undefined;
    const { start, valueStart, valueEnd, end } = scanner;
    places.push({ start, valueStart, valueEnd, end });
  }
  return places;
}

/**
 * Checks that the scanner has guessed correctly, that is, that the bytes are one whole item and that the number is its `value`.
 * The number is replaced by 1 and then by 2, and each time the bytes must parse to an object with the new number as its `value`.
 */
function isItem(body: Buffer, { start, valueStart, valueEnd, end }: ItemPlace): boolean {
  const before = body.toString('utf8', start, valueStart);
  const after = body.toString('utf8', valueEnd, end);
  return [1, 2].every((number) => valueIn(`${before}${number}${after}`) === number);
}

function valueIn(text: string): unknown {
  try {
    return (JSON.parse(text) as { value?: unknown }).value;
  } catch {
    return undefined;
  }
}

function viewOf(body: Buffer): DataView {
  return new DataView(body.buffer, body.byteOffset, body.byteLength);
}
