/**
 * Writes `prometheus.Sample` as field 2 of a `prometheus.TimeSeries`, which remote read and remote write share. A general
 * protobuf writer would create five objects for each sample, and could not write a stale marker.
 *
 * Source: https://github.com/prometheus/prometheus/blob/main/prompb/types.proto
 */

/**
 * The number of bytes before the timestamp of a sample: the tag and the length of the sample, the tag and the bytes of the value,
 * and the tag of the timestamp.
 */
export const BYTES_BEFORE_TIME = 2 + 9 + 1;

/** Maximum length of a varint. A negative number has this length, because it is written as two's complement in 64 bits. */
export const MAX_VARINT_BYTES = 10;

/** The upper half of the NaN that Prometheus uses as its stale marker. A JavaScript NaN has another payload. */
const STALE_HIGH = 0x7ff00000;
const STALE_LOW = 2;

/** Numbers of at least this value do not fit into 32 bits. */
const TWO_32 = 0x1_0000_0000;

/**
 * Writes a sample.
 *
 * @param view a view of the same bytes
 * @param timestamp in milliseconds since the epoch
 * @returns the offset after the sample
 */
export function writeSample(
  bytes: Uint8Array,
  view: DataView,
  offset: number,
  timestamp: number,
  value: number,
  isStale: boolean,
): number {
  bytes[offset] = 0x12;
  bytes[offset + 2] = 0x09;
  if (isStale) {
    view.setUint32(offset + 3, STALE_LOW, true);
    view.setUint32(offset + 7, STALE_HIGH, true);
  } else {
    view.setFloat64(offset + 3, value, true);
  }
  bytes[offset + 11] = 0x10;
  const end = writeVarint(bytes, offset + BYTES_BEFORE_TIME, timestamp);
  bytes[offset + 1] = end - offset - 2;
  return end;
}

/**
 * Writes a whole number as a varint.
 *
 * @returns the offset after it
 */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
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
