import { Writer } from 'protobufjs/minimal.js';
import type { Labels } from '../../../promql/evaluation/series/series-source.js';

/** Samples to send, in time order. */
export interface EncodedPoints {
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** The value is 1 for each point that is a stale marker, and 0 for any other; null if there are no stale markers. */
  readonly stale: Uint8Array | null;
}

/**
 * Maximum size of a sample: its tag and length, the tag and bytes of its double, and the tag and at most ten bytes of its time.
 */
const MAX_SAMPLE_BYTES = 2 + 9 + 11;

/** The upper half of the NaN that Prometheus uses as its stale marker. A JavaScript NaN has another payload. */
const STALE_HIGH = 0x7ff00000;
const STALE_LOW = 2;

/** Times of at least this value do not fit into 32 bits. */
const TWO_32 = 0x1_0000_0000;

/** Encodes a `prometheus.TimeSeries`, with labels in the order of their names and samples in time order. */
export function encodeTimeSeries(labels: Labels, points: EncodedPoints): Uint8Array {
  const writer = Writer.create();
  for (const [name, value] of [...labels].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    // The label is field 1, a message of two strings.
    writer.uint32(0x0a).fork().uint32(0x0a).string(name).uint32(0x12).string(value).ldelim();
  }
  return Buffer.concat([writer.finish(), encodeSamples(points)]);
}

/** Encodes samples without a general writer, which would create five objects per sample and could not write a stale marker. */
function encodeSamples({ timestamps, values, stale }: EncodedPoints): Uint8Array {
  const bytes = new Uint8Array(timestamps.length * MAX_SAMPLE_BYTES);
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (let index = 0; index < timestamps.length; index++) {
    const lengthAt = offset + 1;
    bytes[offset] = 0x12;
    bytes[offset + 2] = 0x09;
    if (stale?.[index] === 1) {
      view.setUint32(offset + 3, STALE_LOW, true);
      view.setUint32(offset + 7, STALE_HIGH, true);
    } else {
      view.setFloat64(offset + 3, values[index]!, true);
    }
    bytes[offset + 11] = 0x10;
    offset = writeVarint(bytes, offset + 12, timestamps[index]!);
    bytes[lengthAt] = offset - lengthAt - 1;
  }
  return bytes.subarray(0, offset);
}

/**
 * Writes a varint.
 *
 * @returns the offset after it
 */
function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let offset = at;
  if (value < 0) {
    // Negative numbers are written as two's complement in 64 bits.
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 0x7fn; rest >>= 7n) bytes[offset++] = Number(rest & 0x7fn) | 0x80;
    bytes[offset++] = Number(rest);
    return offset;
  }
  let low = value % TWO_32;
  let high = Math.floor(value / TWO_32);
  while (high > 0 || low > 0x7f) {
    bytes[offset++] = (low & 0x7f) | 0x80;
    low = ((low >>> 7) | ((high & 0x7f) << 25)) >>> 0;
    high = Math.floor(high / 128);
  }
  bytes[offset++] = low;
  return offset;
}
