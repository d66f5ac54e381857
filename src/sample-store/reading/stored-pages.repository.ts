import type { QueryRunner } from 'typeorm';
import { BinaryQuery, canQueryBinary } from '../../database/binary/binary-query.js';

const MAX_ROWS_PER_FETCH = 5_000;

/**
 * Number of rows of the first fetch, when the size of a row is unknown and each row may be as large as a whole fetch should be.
 */
const FIRST_ROWS_PER_FETCH = 4;

/**
 * Reads through a cursor, in pages of about the same size. Only one such reading at a time may be open in a transaction.
 *
 * @param sizeOf returns the size of a row, in any unit
 * @param sizePerFetch the approximate size of a page, in the same unit
 */
export async function* readPages<Packed>(
  runner: QueryRunner,
  select: string,
  parameters: unknown[],
  sizeOf: (row: Packed) => number,
  sizePerFetch: number,
): AsyncGenerator<Packed[]> {
  const client: unknown = await runner.connect();
  const isBinary = canQueryBinary(client);
  await runner.query(`DECLARE stored ${isBinary ? 'BINARY' : ''} NO SCROLL CURSOR FOR ${select}`, parameters);
  let rowsPerFetch = FIRST_ROWS_PER_FETCH;
  const fetch = (): Promise<Packed[]> => {
    const statement = `FETCH ${rowsPerFetch} FROM stored`;
    return isBinary
      ? client.query(new BinaryQuery<Packed>(statement)).result
      : (runner.query(statement) as Promise<Packed[]>);
  };
  let packed = await fetch();
  while (packed.length > 0) {
    const size = packed.reduce((sum, row) => sum + sizeOf(row), 0);
    const sizePerRow = Math.max(1, size / packed.length);
    // Rows may differ in size, so an estimate from a few rows may increase the number of rows sixteenfold at most.
    const guess = Math.ceil(Math.min(MAX_ROWS_PER_FETCH, sizePerFetch / sizePerRow));
    rowsPerFetch = Math.min(guess, 16 * rowsPerFetch);
    // Postgres prepares the next page while this one is processed.
    const next = fetch();
    // The error is thrown by the await below. Without this handler it would end the process as an unhandled rejection.
    const settled = next.catch(() => undefined);
    try {
      yield packed;
    } finally {
      // The page is awaited even if it is no longer needed, because a connection processes one query after another.
      await settled;
    }
    packed = await next;
  }
  await runner.query('CLOSE stored');
}
