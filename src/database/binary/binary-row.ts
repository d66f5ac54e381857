/** The description of a result column. */
export interface Column {
  readonly name: string;
  readonly dataTypeID: number;
}

/** A decoded field. Times are in whole milliseconds, and 64-bit integers have the precision of a double. */
export type RowValue = number | boolean | Buffer | Date | null;

/** A `timestamptz` counts microseconds from the year 2000. */
const EPOCH_2000_MS = Date.UTC(2000, 0, 1);

const NULL_LENGTH = -1;

const DECODERS = new Map<number, (bytes: Buffer, offset: number, length: number) => RowValue>([
  [16, (bytes, offset) => bytes[offset] !== 0], // bool
  [17, (bytes, offset, length) => bytes.subarray(offset, offset + length)], // bytea
  [20, int8At], // int8
  [23, (bytes, offset) => bytes.readInt32BE(offset)], // int4
  [701, (bytes, offset) => bytes.readDoubleBE(offset)], // float8
  [1184, (bytes, offset) => new Date(EPOCH_2000_MS + Math.floor(int8At(bytes, offset) / 1000))], // timestamptz
]);

function int8At(bytes: Buffer, offset: number): number {
  return bytes.readInt32BE(offset) * 0x1_0000_0000 + bytes.readUInt32BE(offset + 4);
}

/**
 * Decodes one row in Postgres' binary format: the number of fields, then the length and the bytes of each field.
 *
 * @param row the body of a DataRow message
 * @throws Error for a column type without a decoder
 */
export function decodeRow(row: Buffer, columns: readonly Column[]): Record<string, RowValue> {
  const values: Record<string, RowValue> = {};
  let offset = 2;
  for (const { name, dataTypeID } of columns) {
    const length = row.readInt32BE(offset);
    offset += 4;
    if (length === NULL_LENGTH) {
      values[name] = null;
      continue;
    }
    const decode = DECODERS.get(dataTypeID);
    if (decode === undefined)
      throw new Error(`Column ${name} has the type ${dataTypeID}, which has no binary decoder.`);
    values[name] = decode(row, offset, length);
    offset += length;
  }
  return values;
}
