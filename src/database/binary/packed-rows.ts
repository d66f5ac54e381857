import { type Column, decodeRow } from './binary-row.js';

/** Rows in Postgres' binary format, which can be transferred to another thread without being decoded or copied. */
export interface PackedRows {
  readonly columns: readonly Column[];
  /** The rows, one after the other. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The end of each row in `bytes`. */
  readonly ends: Float64Array<ArrayBuffer>;
}

/** Joins rows, each of which is the body of a DataRow message. */
export function packRows(rows: readonly Buffer[], columns: readonly Column[]): PackedRows {
  const ends = new Float64Array(rows.length);
  let length = 0;
  for (const [index, row] of rows.entries()) ends[index] = length += row.length;
  // A buffer from Node's shared pool can't be transferred, so the rows are copied into new memory.
  const bytes = new Uint8Array(length);
  for (const [index, row] of rows.entries()) bytes.set(row, ends[index]! - row.length);
  return { columns: columns.map(({ name, dataTypeID }) => ({ name, dataTypeID })), bytes, ends };
}

/**
 * Decodes rows. Their `bytea` fields are views of the packed bytes.
 *
 * @throws Error for a column type without a decoder
 */
export function unpackRows<Row>({ columns, bytes, ends }: PackedRows): Row[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rows: Row[] = [];
  let start = 0;
  for (const end of ends) {
    rows.push(decodeRow(buffer.subarray(start, end), columns) as Row);
    start = end;
  }
  return rows;
}
