import protobuf from 'protobufjs/light.js';
import { MalformedOtlpError } from '../mapping/otlp-fields.js';

/**
 * Maximum number of fields in a request. The densest body of five megabytes that an exporter sends has half a million fields; a
 * body of empty messages could have five times as many, and would take half a second of CPU time.
 */
const MAX_FIELDS = 800_000;

/**
 * Maximum number of messages in a request. An empty message takes two bytes on the wire and about 400 in memory, so a body of 1.6
 * MB could take 350 MB. For comparison, a Collector batch of eight thousand data points with twenty attributes each has 340,000
 * messages.
 */
const MAX_MESSAGES = 500_000;

/** Maximum length of a varint that is read as a number. Seven bytes hold 49 bits, which a double represents exactly. */
const MAX_NUMBER_BYTES = 7;

/** Reads protobuf, and enforces the limits while decoding, before the memory is allocated. */
export class BoundedReader extends protobuf.BufferReader {
  private fields = 0;
  private messages = 0;

  override tag(): number {
    this.fields++;
    if (this.fields > MAX_FIELDS) throw tooMany(MAX_FIELDS, 'fields');
    return super.tag();
  }

  /**
   * Reads a count of an exponential histogram, and counts it as a field, because a packed list of any length has one tag. Counts
   * below 2^49 become numbers, because half a million objects of the class Long would take a quarter of a second.
   */
  override uint64(): protobuf.Long {
    this.fields++;
    if (this.fields > MAX_FIELDS) throw tooMany(MAX_FIELDS, 'fields');
    const end = Math.min(this.pos + MAX_NUMBER_BYTES, this.len);
    let value = 0;
    for (let at = this.pos, factor = 1; at < end; at++, factor *= 128) {
      const byte = this.buf[at]!;
      value += (byte & 127) * factor;
      if (byte < 128) {
        this.pos = at + 1;
        // The types of protobufjs know only Long, but a decoded field may have either form, as a field from JSON may.
        return value as unknown as protobuf.Long;
      }
    }
    return super.uint64();
  }

  /**
   * Reads the length of a message, of packed numbers, of a string or of bytes, and counts it as a message. The methods for
   * strings and bytes undo the count.
   */
  override size(): number {
    this.messages++;
    if (this.messages > MAX_MESSAGES) throw tooMany(MAX_MESSAGES, 'messages');
    return super.size();
  }

  override string(): string {
    this.messages--;
    return super.string();
  }

  override stringVerify(): string {
    this.messages--;
    return super.stringVerify();
  }

  override bytes(): Uint8Array {
    this.messages--;
    return super.bytes();
  }
}

function tooMany(limit: number, what: string): MalformedOtlpError {
  return new MalformedOtlpError(`has more than ${limit} ${what}; send fewer data points at once`);
}
