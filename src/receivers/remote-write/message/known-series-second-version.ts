import { MAX_ITEM_BYTES } from '../../../ingestion/recognition/recognised-series.js';
import { KnownSeriesReader, SAMPLE_TAG, type SeriesRecognition } from './known-series-reader.js';
import { MessageBytes } from './message-bytes.js';
import type { Symbols } from './symbols.js';

const REFERENCES_TAG = 0x0a;
const METADATA_TAG = 0x2a;
const TYPE_TAG = 0x08;
const HELP_TAG = 0x18;
const UNIT_TAG = 0x20;

const TAGS = { histogram: 0x1a, exemplar: 0x22, metadata: METADATA_TAG };

/** The number of bytes in a key for the length of each text, and for the metadata. */
const LENGTH_BYTES = 2;
const METADATA_BYTES = 2;

/**
 * Reads known series of version 2.0. Their labels are references to the symbols of the request, whose order differs between
 * requests, so the key consists of the texts themselves. The key also contains the type, and whether there are a help text and a
 * unit, because a series must be decoded again when one of these is sent for the first time.
 */
export class KnownSeriesOfSecondVersion extends KnownSeriesReader {
  private readonly keyBytes = new MessageBytes(new Uint8Array(MAX_ITEM_BYTES));

  constructor(
    message: MessageBytes,
    private readonly symbols: Symbols,
    recognition: SeriesRecognition,
  ) {
    super(message, TAGS, recognition);
  }

  protected readKey(start: number, end: number): MessageBytes | undefined {
    const { message } = this;
    if (message.bytes[start] !== REFERENCES_TAG) return undefined;
    const referencesEnd = message.endOfBytes(start + 1, end);
    if (referencesEnd < 0) return undefined;
    const textsEnd = this.copyTexts(message.position, referencesEnd);
    const keyEnd = textsEnd < 0 ? -1 : this.addMetadata(textsEnd, referencesEnd, end);
    if (keyEnd < 0) return undefined;
    this.key.setTo(0, keyEnd);
    message.position = referencesEnd;
    return this.keyBytes;
  }

  /** @returns the end of the texts in the key; -1 for a wrong reference, and if there is no room for all texts */
  private copyTexts(start: number, end: number): number {
    const { message, symbols } = this;
    let keyEnd = 0;
    let count = 0;
    for (let at = start; at < end; at = message.position) {
      const reference = message.varint(at, end);
      if (reference < 0 || reference >= symbols.count) return -1;
      keyEnd = this.copyText(symbols.startOf(reference), symbols.endOf(reference), keyEnd);
      if (keyEnd < 0) return -1;
      count++;
    }
    return count % 2 === 0 ? keyEnd : -1;
  }

  private copyText(start: number, end: number, to: number): number {
    const length = end - start;
    const textStart = to + LENGTH_BYTES;
    if (textStart + length + METADATA_BYTES > MAX_ITEM_BYTES) return -1;
    const { view, bytes } = this.keyBytes;
    const { message } = this;
    view.setUint16(to, length);
    let index = 0;
    for (; index + 4 <= length; index += 4) view.setInt32(textStart + index, message.view.getInt32(start + index));
    for (; index < length; index++) bytes[textStart + index] = message.bytes[start + index]!;
    return textStart + length;
  }

  /** Adds the metadata, which comes after the samples in a message, to the key. */
  private addMetadata(keyEnd: number, start: number, end: number): number {
    const { message } = this;
    const { bytes } = this.keyBytes;
    let hasMetadata = false;
    bytes[keyEnd] = 0;
    bytes[keyEnd + 1] = 0;
    for (let at = start; at < end;) {
      const tag = message.bytes[at]!;
      const fieldEnd = message.endOfBytes(at + 1, end);
      if (fieldEnd < 0) return -1;
      if (tag === METADATA_TAG) {
        if (hasMetadata || !this.readMetadata(keyEnd, message.position, fieldEnd)) return -1;
        hasMetadata = true;
      } else if (tag !== SAMPLE_TAG && tag !== TAGS.histogram && tag !== TAGS.exemplar) return -1;
      at = fieldEnd;
    }
    return keyEnd + METADATA_BYTES;
  }

  private readMetadata(keyEnd: number, start: number, end: number): boolean {
    const { message, symbols } = this;
    const { bytes } = this.keyBytes;
    for (let at = start; at < end; at = message.position) {
      const tag = message.bytes[at]!;
      const number = message.varint(at + 1, end);
      if (number < 0) return false;
      if (tag === TYPE_TAG && number < 256) bytes[keyEnd] = number;
      else if ((tag === HELP_TAG || tag === UNIT_TAG) && number < symbols.count) {
        const bit = tag === HELP_TAG ? 1 : 2;
        const isText = symbols.endOf(number) > symbols.startOf(number);
        bytes[keyEnd + 1] = (bytes[keyEnd + 1]! & ~bit) | (isText ? bit : 0);
      } else return false;
    }
    return true;
  }
}
