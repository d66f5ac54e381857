import { type Column, decodeRow } from './binary-row.js';
import type { PageMemory } from './page-memory.js';

/** Rows in Postgres' binary format, which can be transferred to another thread without being decoded or copied. */
export interface PackedRows {
  readonly columns: readonly Column[];
  /** The rows, one after the other. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The end of each row in `bytes`. */
  readonly ends: Float64Array<ArrayBuffer>;
}

/**
 * Joins the rows of a result while they arrive. Each byte is copied once, from the buffer of the socket to the memory that can be
 * transferred, because the buffers of single rows made the garbage collector work through the whole heap after each large query.
 */
export class RowPacker {
  private bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  private length = 0;
  private readonly ends: number[] = [];

  /**
   * @param expectedBytes the approximate size of all rows
   * @param memory memory for them, if it will be given back
   */
  constructor(
    private readonly expectedBytes = 4096,
    private readonly memory?: PageMemory,
  ) {}

  /** Returns the place for the bytes of the next row, which is the body of a DataRow message. The row before it must be complete. */
  place(rowBytes: number): Buffer {
    const start = this.length;
    this.length += rowBytes;
    this.ends.push(this.length);
    if (this.length > this.bytes.length) {
      // A buffer from Node's shared pool can't be transferred.
      const length = Math.max(this.length, 2 * this.bytes.length, this.expectedBytes);
      const larger = this.memory?.take(length) ?? Buffer.allocUnsafeSlow(length);
      larger.set(this.bytes.subarray(0, start));
      this.bytes = larger;
    }
    return Buffer.from(this.bytes.buffer, start, rowBytes);
  }

  /** Returns the rows. No row can be added afterwards. */
  packed(columns: readonly Column[]): PackedRows {
    return {
      columns: columns.map(({ name, dataTypeID }) => ({ name, dataTypeID })),
      bytes: this.bytes.subarray(0, this.length),
      ends: Float64Array.from(this.ends),
    };
  }
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
