import type { Series } from '../../catalog/series/series.js';

/**
 * The place of an item in a body. Its bytes are [start, end), and those of its number are [valueStart, valueEnd). An item without
 * a number, such as the labels of a series, has an empty place for it.
 */
export interface ItemPlace {
  readonly start: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  readonly end: number;
}

const INITIAL_ITEMS = 64;
const INITIAL_BYTES = 8_192;

/** There are at least two slots for each item, so that a free one is found quickly. */
const SLOTS_PER_ITEM = 2;
/** A slot holds the hash of an item and the index of the item plus 1. A free slot has 0 instead of the index. */
const SLOT_SIZE = 2;
/**
 * Maximum number of probes, which limits the cost of a look-up if a client makes hashes collide. Chance collisions need far fewer
 * probes.
 */
const MAX_PROBES = 64;
/** A record holds the start of an item's text and the lengths of its two parts. */
const RECORD_SIZE = 3;

const HASH_PRIME = 0x01000193;

/**
 * Finds items by their bytes, except for the bytes of their number. This is a hash table with open addressing in flat arrays. A
 * Map of objects with buffers would cost several cache misses per item, which is most of the cost of recognising one, and the
 * garbage collector would have to traverse it.
 *
 * The table accepts items until it is full, and does not drop old ones to make room.
 */
export class ItemTable {
  private slots = new Int32Array(INITIAL_ITEMS * SLOTS_PER_ITEM * SLOT_SIZE);
  private records = new Int32Array(INITIAL_ITEMS * RECORD_SIZE);
  private text = new DataView(new ArrayBuffer(INITIAL_BYTES));
  private textLength = 0;
  private readonly senders: string[] = [];
  private readonly series: Series[] = [];

  constructor(
    private readonly maxItems: number,
    private readonly maxBytes: number,
  ) {}

  get itemCount(): number {
    return this.series.length;
  }

  /** The bytes of all items together, without their numbers. */
  get textBytes(): number {
    return this.textLength;
  }

  /** @returns undefined if no item was added with the same bytes and the same sender */
  find(body: DataView, place: ItemPlace, hash: number, sender: string): Series | undefined {
    const { slots } = this;
    const mask = slots.length - 1;
    let slot = (hash << 1) & mask;
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const item = slots[slot + 1]! - 1;
      if (item < 0) return undefined;
      if (slots[slot] === hash && this.isItem(item, body, place) && this.senders[item] === sender) {
        return this.series[item];
      }
      slot = (slot + SLOT_SIZE) & mask;
    }
    return undefined;
  }

  /**
   * Adds an item that is not in the table.
   *
   * @returns false if the table is full
   */
  add(body: DataView, place: ItemPlace, hash: number, sender: string, series: Series): boolean {
    const beforeLength = place.valueStart - place.start;
    const afterLength = place.end - place.valueEnd;
    const item = this.series.length;
    if (item >= this.maxItems || this.textLength + beforeLength + afterLength > this.maxBytes) return false;
    this.makeRoom(beforeLength + afterLength);
    this.records.set([this.textLength, beforeLength, afterLength], item * RECORD_SIZE);
    this.append(body, place.start, beforeLength);
    this.append(body, place.valueEnd, afterLength);
    this.senders.push(sender);
    this.series.push(series);
    fill(this.slots, hash, item);
    return true;
  }

  private isItem(item: number, body: DataView, { start, valueStart, valueEnd, end }: ItemPlace): boolean {
    const record = item * RECORD_SIZE;
    const textStart = this.records[record]!;
    const beforeLength = this.records[record + 1]!;
    const afterLength = this.records[record + 2]!;
    return (
      beforeLength === valueStart - start &&
      afterLength === end - valueEnd &&
      isSame(this.text, textStart, body, start, beforeLength) &&
      isSame(this.text, textStart + beforeLength, body, valueEnd, afterLength)
    );
  }

  private append(body: DataView, start: number, length: number): void {
    const from = new Uint8Array(body.buffer, body.byteOffset + start, length);
    new Uint8Array(this.text.buffer).set(from, this.textLength);
    this.textLength += length;
  }

  private makeRoom(bytes: number): void {
    const items = this.series.length;
    if ((items + 1) * RECORD_SIZE > this.records.length) {
      const records = new Int32Array(this.records.length * 2);
      records.set(this.records);
      this.records = records;
    }
    if ((items + 1) * SLOTS_PER_ITEM * SLOT_SIZE > this.slots.length) {
      const slots = new Int32Array(this.slots.length * 2);
      for (let slot = 0; slot < this.slots.length; slot += SLOT_SIZE) {
        if (this.slots[slot + 1]! > 0) fill(slots, this.slots[slot]!, this.slots[slot + 1]! - 1);
      }
      this.slots = slots;
    }
    if (this.textLength + bytes > this.text.byteLength) {
      const text = new Uint8Array(Math.min(this.maxBytes, Math.max(this.text.byteLength * 2, this.textLength + bytes)));
      text.set(new Uint8Array(this.text.buffer, 0, this.textLength));
      this.text = new DataView(text.buffer);
    }
  }
}

/** Computes the hash of all bytes of an item except its number. */
export function hashItem(body: DataView, { start, valueStart, valueEnd, end }: ItemPlace, seed: number): number {
  return hashBytes(body, valueEnd, end, hashBytes(body, start, valueStart, seed));
}

/** Hashes four bytes at a time, because the multiplications dominate the cost of recognising an item. */
function hashBytes(bytes: DataView, start: number, end: number, seed: number): number {
  let hash = seed;
  let position = start;
  for (; position + 4 <= end; position += 4) {
    hash = Math.imul(hash ^ bytes.getInt32(position, true), HASH_PRIME);
    hash ^= hash >>> 15;
  }
  for (; position < end; position++) hash = Math.imul(hash ^ bytes.getUint8(position), HASH_PRIME);
  return hash ^ (hash >>> 15);
}

/** Compares in a loop, which is faster than a native call for a few dozen bytes. */
function isSame(one: DataView, oneStart: number, other: DataView, otherStart: number, length: number): boolean {
  let index = 0;
  for (; index + 4 <= length; index += 4) {
    if (one.getInt32(oneStart + index, true) !== other.getInt32(otherStart + index, true)) return false;
  }
  for (; index < length; index++) {
    if (one.getUint8(oneStart + index) !== other.getUint8(otherStart + index)) return false;
  }
  return true;
}

/**
 * Puts an item into the first free slot. If there is none within MAX_PROBES, the item is left out, because a look-up would not
 * find it either.
 */
function fill(slots: Int32Array, hash: number, item: number): void {
  const mask = slots.length - 1;
  let slot = (hash << 1) & mask;
  for (let probe = 0; probe < MAX_PROBES; probe++) {
    if (slots[slot + 1] === 0) {
      slots[slot] = hash;
      slots[slot + 1] = item + 1;
      return;
    }
    slot = (slot + SLOT_SIZE) & mask;
  }
}
