/** What the server says of a column of a result. */
export interface Column {
  readonly name: string;
  readonly dataTypeID: number;
}

/** Times in whole milliseconds, 64-bit integers as far as a double holds them. */
export type RowValue = number | boolean | Buffer | Date | null;

/** Microseconds of a `timestamptz` count from the year 2000. */
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
 * Reads one row in Postgres' binary form: the number of fields, then each one's length and bytes.
 *
 * @param row what follows the header of a DataRow message
 * @throws Error for a type that none of our statements asks for
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
    if (decode === undefined) throw new Error(`Column ${name} is of type ${dataTypeID}, which is not read in binary.`);
    values[name] = decode(row, offset, length);
    offset += length;
  }
  return values;
}
