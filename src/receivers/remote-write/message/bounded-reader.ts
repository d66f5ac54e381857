import { isUtf8 } from 'node:buffer';
import { BufferReader } from 'protobufjs/minimal.js';
import { eachField, endOf } from '../../../http/bodies/protobuf-fields.js';
import { MalformedWriteError } from './write-request.js';

/**
 * Maximum number of messages in a request, such as series, samples and families. Two bytes are enough for an empty message, so a
 * body of five megabytes could otherwise become two million objects. Prometheus sends 2,000 samples in a request.
 */
const MAX_MESSAGES = 100_000;

/** Maximum number of names and values of labels in a request. In version 2.0, references can repeat one symbol very often. */
const MAX_TEXTS = 1_000_000;

/** Maximum number of labels of a series. The setting SERIES_MAX_LABELS is checked later, and its message names the series. */
const MAX_LABELS = 1_000;

/**
 * The factor at which the fast reading of a varint stops. The bytes that are read until then have at most 49 bits, which a double
 * represents exactly.
 */
const EXACT_FACTOR = 2 ** 49;

/** Reads protobuf, and limits the number of objects and strings that a request can become. */
export class BoundedReader extends BufferReader {
  private messages = 0;
  private texts = 0;

  /**
   * Counts the name or the value of a label, or a symbol.
   *
   * @param ofSeries the number of texts of the same series so far, including this one
   */
  countText(ofSeries = 0): void {
    this.texts++;
    if (this.texts > MAX_TEXTS) {
      throw new MalformedWriteError(
        `it has more than ${MAX_TEXTS} names and values of labels. Send fewer series at once`,
      );
    }
    if (ofSeries > 2 * MAX_LABELS) throw new MalformedWriteError(`a series has more than ${MAX_LABELS} labels`);
  }

  /** Reads the length of a message, and returns the position of its end. */
  messageEnd(): number {
    this.countMessages(1);
    return endOf(this);
  }

  countMessages(count: number): void {
    this.messages += count;
    if (this.messages > MAX_MESSAGES) {
      throw new MalformedWriteError(`it has more than ${MAX_MESSAGES} series and samples. Send fewer at once`);
    }
  }

  /**
   * Returns the text at [start, end).
   *
   * @throws MalformedWriteError if the bytes are not UTF-8
   */
  textAt(start: number, end: number): string {
    const bytes = Buffer.from(this.buf.buffer, this.buf.byteOffset + start, end - start);
    if (!isUtf8(bytes)) throw new MalformedWriteError('a text is not valid UTF-8');
    return bytes.toString();
  }

  /** Reads a signed 64-bit integer as a number. Numbers above 2^53 are rounded. */
  integer(): number {
    let value = 0;
    const start = this.pos;
    for (let factor = 1; factor < EXACT_FACTOR && this.pos < this.len; factor *= 128) {
      const byte = this.buf[this.pos++]!;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    this.pos = start;
    return Number(this.int64());
  }
}

/**
 * Calls `read` for each field of the message that ends at `end`, as {@link eachField} does.
 *
 * @throws MalformedWriteError if the last field ends after the message
 */
export function eachFieldWithin(reader: BoundedReader, end: number, read: Parameters<typeof eachField>[2]): void {
  eachField(reader, end, read);
  if (reader.pos !== end) throw new MalformedWriteError('a field ends after its message');
}
