import { isDate } from 'node:util/types';
import type { QueryRunner } from 'typeorm';
import {
  type BinaryClient,
  type BinaryParameter,
  BinaryQuery,
  canQueryBinary,
} from '../../database/binary/binary-query.js';
import { RowPacker } from '../../database/binary/packed-rows.js';
import { readAhead } from '../../database/read-ahead.js';
import { PageMemory } from '../../database/binary/page-memory.js';
import type { FetchedPage, LendingStatements, StatementValue } from './statements.js';

const MAX_ROWS_PER_FETCH = 5_000;

/**
 * Number of rows of the first fetch, when the size of a row is unknown and each row may be as large as a whole fetch should be.
 */
const FIRST_ROWS_PER_FETCH = 4;

/** A page gets this many times the expected room, so that few pages have to be moved to a larger place. */
const SPARE_ROOM = 1.1;

/** A page with the number and the size of its rows. */
interface MeasuredPage {
  readonly page: FetchedPage;
  readonly rows: number;
  readonly bytes: number;
}

/** Runs statements on the connection of a transaction. */
export class RunnerStatements implements LendingStatements {
  /** @param memory memory for pages that is given back */
  constructor(
    private readonly runner: QueryRunner,
    private readonly memory = new PageMemory(),
  ) {}

  giveBack(bytes: Uint8Array<ArrayBuffer>): void {
    this.memory.giveBack(bytes);
  }

  async query(sql: string, values: readonly StatementValue[]): Promise<FetchedPage> {
    const client: unknown = await this.runner.connect();
    const { page } = canQueryBinary(client)
      ? await packed(client, sql, values.map(binaryParameter))
      : await this.objects(sql, values);
    return page;
  }

  async *pages(select: string, values: readonly StatementValue[], bytesPerPage: number): AsyncGenerator<FetchedPage> {
    const { runner, memory } = this;
    const client: unknown = await runner.connect();
    const isBinary = canQueryBinary(client);
    const declare = `DECLARE stored ${isBinary ? 'BINARY' : ''} NO SCROLL CURSOR FOR ${select}`;
    await runner.query(declare, values.map(textParameter));
    let rowsPerFetch = FIRST_ROWS_PER_FETCH;
    let expectedBytes: number | undefined;
    const fetch = (): Promise<MeasuredPage> => {
      const statement = `FETCH ${rowsPerFetch} FROM stored`;
      return isBinary ? packed(client, statement, undefined, { expectedBytes, memory }) : this.objects(statement, []);
    };
    const fetchNext = async (before: MeasuredPage | undefined) => {
      if (before !== undefined) {
        const bytesPerRow = Math.max(1, before.bytes / before.rows);
        // Rows may differ in size, so an estimate from a few rows may increase the number of rows sixteenfold at most.
        const guess = Math.ceil(Math.min(MAX_ROWS_PER_FETCH, bytesPerPage / bytesPerRow));
        rowsPerFetch = Math.min(guess, 16 * rowsPerFetch);
        expectedBytes = Math.ceil(Math.min(bytesPerPage, rowsPerFetch * bytesPerRow) * SPARE_ROOM);
      }
      const fetched = await fetch();
      return fetched.rows > 0 ? fetched : undefined;
    };
    for await (const { page } of readAhead(fetchNext)) yield page;
    await runner.query('CLOSE stored');
  }

  private async objects(sql: string, values: readonly StatementValue[]): Promise<MeasuredPage> {
    const objects: object[] = await this.runner.query(sql, values.map(textParameter));
    return { page: { objects }, rows: objects.length, bytes: objects.reduce((sum, row) => sum + bytesOf(row), 0) };
  }
}

async function packed(
  client: BinaryClient,
  sql: string,
  values?: readonly BinaryParameter[],
  { expectedBytes, memory }: { readonly expectedBytes?: number | undefined; readonly memory?: PageMemory } = {},
): Promise<MeasuredPage> {
  const packer = new RowPacker(expectedBytes, memory);
  const query = client.query(new BinaryQuery<never>(sql, values, packer));
  await query.result;
  const page = packer.packed(query.columns);
  return { page, rows: page.ends.length, bytes: page.bytes.length };
}

function bytesOf(row: object): number {
  return Object.values(row).reduce<number>((sum, value) => sum + (value instanceof Uint8Array ? value.length : 0), 0);
}

function binaryParameter(value: StatementValue): BinaryParameter {
  if (value === null || typeof value === 'string') return value;
  if (value instanceof Uint8Array) return bufferOf(value);
  // A test runner may give the app a Date of its own, while dates that a thread has sent have that of Node.
  return isDate(value) ? value.toISOString() : String(value);
}

function textParameter(value: StatementValue): StatementValue {
  return value instanceof Uint8Array ? bufferOf(value) : value;
}

/** Returns bytes as a Buffer, because drivers know only those as binary. Bytes from another thread are no longer one. */
function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
