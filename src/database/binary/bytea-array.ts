const BYTEA_OID = 17;
const HEADER_BYTES = 20;

/** Encodes byte strings as an array in Postgres' binary format; see packed-array.ts for the layout. */
export function encodeByteaArray(values: readonly Uint8Array[]): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + values.reduce((sum, { length }) => sum + 4 + length, 0));
  let offset = 0;
  for (const field of [1, 0, BYTEA_OID, values.length, 1]) offset = buffer.writeInt32BE(field, offset);
  for (const value of values) {
    offset = buffer.writeInt32BE(value.length, offset);
    buffer.set(value, offset);
    offset += value.length;
  }
  return buffer;
}
