/**
 * Encodes and decodes arrays in Postgres' binary format (`array_recv` / `array_send`). Most of the cost of reading and writing a
 * sample arises in this file. Source of the layout: src/backend/utils/adt/arrayfuncs.c, array_recv.
 *
 * The header is int32 number of dimensions, int32 has-nulls, int32 element type, and for each dimension int32 length and int32
 * lower bound. Each element is int32 byte length (-1 = NULL) and the bytes. All integers are big-endian.
 */
const HEADER_BYTES = 20;
const INT4_OID = 23;
const INT8_OID = 20;
const FLOAT8_OID = 701;

/** Allocates a buffer for an array, and writes its header. */
function allocate(oid: number, length: number, elementBytes: number): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + length * (4 + elementBytes));
  const view = viewOf(buffer);
  view.setInt32(0, 1);
  view.setInt32(4, 0);
  view.setInt32(8, oid);
  view.setInt32(12, length);
  view.setInt32(16, 1);
  return buffer;
}

// The values are written through a DataView, because the engine compiles its methods to single instructions, whereas the methods
// of a Buffer are calls that check their arguments.

export function encodeInt4Array(values: Int32Array): Buffer {
  const buffer = allocate(INT4_OID, values.length, 4);
  const view = viewOf(buffer);
  for (let index = 0, offset = HEADER_BYTES; index < values.length; index++, offset += 8) {
    view.setInt32(offset, 4);
    view.setInt32(offset + 4, values[index]!);
  }
  return buffer;
}

/** @param values whole numbers within ±2^53, as doubles */
export function encodeInt8Array(values: Float64Array): Buffer {
  const buffer = allocate(INT8_OID, values.length, 8);
  const view = viewOf(buffer);
  for (let index = 0, offset = HEADER_BYTES; index < values.length; index++, offset += 12) {
    const value = values[index]!;
    const high = Math.floor(value / 0x1_0000_0000);
    view.setInt32(offset, 8);
    view.setInt32(offset + 4, high);
    view.setUint32(offset + 8, value - high * 0x1_0000_0000);
  }
  return buffer;
}

export function encodeFloat8Array(values: Float64Array): Buffer {
  const buffer = allocate(FLOAT8_OID, values.length, 8);
  const view = viewOf(buffer);
  for (let index = 0, offset = HEADER_BYTES; index < values.length; index++, offset += 12) {
    view.setInt32(offset, 8);
    view.setFloat64(offset + 4, values[index]!);
  }
  return buffer;
}

/** Returns the number of elements of a one-dimensional array from `array_send`. An empty array has no dimension. */
function lengthOf(packed: Buffer): number {
  return packed.readInt32BE(0) === 0 ? 0 : packed.readInt32BE(12);
}

function viewOf(packed: Buffer): DataView {
  return new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
}

export function decodeInt4Array(packed: Buffer): Int32Array {
  const values = new Int32Array(lengthOf(packed));
  const view = viewOf(packed);
  for (let index = 0, offset = HEADER_BYTES + 4; index < values.length; index++, offset += 8) {
    values[index] = view.getInt32(offset);
  }
  return values;
}

/**
 * Decodes int8 values as doubles. Values beyond ±2^53 would be rounded, but our times, ids and sequence numbers never get that
 * far.
 */
export function decodeInt8Array(packed: Buffer): Float64Array {
  const values = new Float64Array(lengthOf(packed));
  const view = viewOf(packed);
  for (let index = 0, offset = HEADER_BYTES + 4; index < values.length; index++, offset += 12) {
    values[index] = view.getInt32(offset) * 0x1_0000_0000 + view.getUint32(offset + 4);
  }
  return values;
}

const POSTGRES_EPOCH_MS = Date.UTC(2000, 0, 1);

/**
 * Decodes times, which Postgres sends as microseconds since the year 2000.
 *
 * @returns milliseconds since the epoch, rounded down as in node-postgres, so that both ways of reading give the same time
 */
export function decodeTimestampArray(packed: Buffer): Float64Array {
  return decodeInt8Array(packed).map((microseconds) => Math.floor(microseconds / 1000) + POSTGRES_EPOCH_MS);
}

export function decodeFloat8Array(packed: Buffer): Float64Array {
  const values = new Float64Array(lengthOf(packed));
  const view = viewOf(packed);
  for (let index = 0, offset = HEADER_BYTES + 4; index < values.length; index++, offset += 12) {
    values[index] = view.getFloat64(offset);
  }
  return values;
}
