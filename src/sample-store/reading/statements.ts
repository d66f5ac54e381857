import { type PackedRows, unpackRows } from '../../database/binary/packed-rows.js';

/** A parameter of a statement. Bytes are the binary format of the parameter's Postgres type. */
export type StatementValue = Uint8Array | Date | number | string | null;

/** Rows of a result: packed, or as objects if the connection can't read binary rows. */
export type FetchedPage = PackedRows | { readonly objects: readonly object[] };

/** Runs statements that all see the same view of the database. */
export interface Statements {
  query(sql: string, values: readonly StatementValue[]): Promise<FetchedPage>;

  /**
   * Reads through a cursor, in pages of about the same size. Only one such reading at a time may be open. The bytes of a page are
   * valid until the next page is requested.
   *
   * @param bytesPerPage the approximate size of a page
   */
  pages(select: string, values: readonly StatementValue[], bytesPerPage: number): AsyncGenerator<FetchedPage>;
}

/** Statements whose pages are passed on to another thread, which may give their memory back. */
export interface LendingStatements extends Statements {
  /** Takes back the bytes of a page that is no longer needed. */
  giveBack(bytes: Uint8Array<ArrayBuffer>): void;
}

/** Returns the rows of a page as objects with a property for each column. */
export function rowsOf<Row>(page: FetchedPage): Row[] {
  return 'objects' in page ? (page.objects as Row[]) : unpackRows<Row>(page);
}
