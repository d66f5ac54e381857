import type { EventEmitter } from 'node:events';
import type { Connection, Submittable } from 'pg';
import { type Column, decodeRow } from './binary-row.js';
import type { RowPacker } from './packed-rows.js';

/** A listener for bytes from the server. */
type Listener = (bytes: Buffer) => void;

/** A message of the server is a type byte, a four-byte length that includes itself, and a body. */
const HEADER_BYTES = 5;
const DATA_ROW = 'D'.charCodeAt(0);
const READY_FOR_QUERY = 'Z'.charCodeAt(0);

/**
 * A parameter of a statement. A Buffer must contain the binary format of the parameter's Postgres type; a string is sent in the
 * text format.
 */
export type BinaryParameter = Buffer | string | null;

/** The methods of a connection that `@types/pg` describes with the wrong parameters. */
interface ExtendedConnection {
  parse(statement: { text: string; name: string }): void;
  bind(portal: { statement: string; values: readonly BinaryParameter[]; binary: true }): void;
  describe(portal: { type: 'P'; name: string }): void;
  execute(portal: { portal: string; rows: number }): void;
  sync(): void;
  /** The text of each statement that is prepared on this connection, by its name. node-postgres keeps this record. */
  readonly parsedStatements?: Readonly<Record<string, string>>;
}

/**
 * Runs one statement with a binary result: a statement with parameters, or a `FETCH` from a cursor that was declared `BINARY`.
 *
 * node-postgres converts every field to text before a caller can read its bytes. This class therefore intercepts the bytes
 * between the socket and node-postgres while the statement runs: it keeps the rows, passes everything else on unchanged, and
 * removes itself at the end of the statement. This relies on two features that `pg-cursor` and `pg-copy-streams` need as well:
 * `submit()` with the `handle…` methods, and the `data` listeners of the connection's stream. {@link canQueryBinary} checks
 * whether a client has them.
 *
 * Source of the protocol: https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export class BinaryQuery<Row> implements Submittable {
  /** Receives the result. node-postgres wraps this function if the client has a `query_timeout`. */
  callback!: (error: Error | null, rows: Row[]) => void;
  readonly result: Promise<Row[]>;

  /** The columns of the result, as soon as the server has described them. */
  columns: readonly Column[] = [];

  private readonly rows: Row[] = [];
  private failure: Error | null = null;

  private stream: EventEmitter | undefined;
  private listeners: Listener[] = [];
  /** The first bytes of a header that arrives in pieces. */
  private header: Buffer = Buffer.alloc(0);
  /** A row that arrives in pieces. The first `rowLength` bytes have arrived. */
  private row: Buffer | undefined;
  private rowLength = 0;
  /** The number of remaining bytes of a message that is not a row. They are passed on unchanged. */
  private passing = 0;

  /**
   * @param values the parameters; without them, the statement decides whether its result is binary
   * @param packer receives the rows as they are; without it, the result has an object with a property for each column of each row
   * @param name the name under which the connection keeps the statement, so that Postgres need not parse it again; only for a
   * statement with parameters. See {@link KeptStatements}.
   */
  constructor(
    readonly text: string,
    private readonly values?: readonly BinaryParameter[],
    private readonly packer?: RowPacker,
    readonly name = '',
  ) {
    this.result = new Promise((resolve, reject) => {
      this.callback = (error, rows) => (error === null ? resolve(rows) : reject(error));
    });
  }

  submit(connection: Connection): void {
    this.stream = connection.stream;
    this.listeners = connection.stream.listeners('data') as Listener[];
    for (const listener of this.listeners) connection.stream.off('data', listener);
    connection.stream.on('data', this.onBytes);
    if (this.values === undefined) connection.query(this.text);
    else sendStatement(connection as unknown as ExtendedConnection & Connection, this, this.values);
  }

  handleRowDescription({ fields }: { readonly fields: readonly Column[] }): void {
    this.columns = fields;
  }

  handleCommandComplete(): void {}

  handleEmptyQuery(): void {}

  /**
   * Receives errors from the server, from the connection or from a time-out. After a time-out, the answer of the server is
   * discarded.
   */
  handleError(error: Error): void {
    this.callback(error, []);
  }

  handleReadyForQuery(): void {
    this.callback(this.failure, this.rows);
  }

  private readonly onBytes = (chunk: Buffer): void => {
    let bytes = this.header.length === 0 ? chunk : Buffer.concat([this.header, chunk]);
    this.header = Buffer.alloc(0);
    while (bytes.length > 0) {
      if (this.passing > 0) bytes = this.pass(bytes);
      else if (this.row !== undefined) bytes = this.fillRow(this.row, bytes);
      else if (bytes.length < HEADER_BYTES) {
        this.header = bytes;
        return;
      } else if (bytes[0] === READY_FOR_QUERY) {
        this.stepAside();
        this.send(bytes);
        return;
      } else if (bytes[0] === DATA_ROW) bytes = this.beginRow(bytes);
      else this.passing = 1 + bytes.readUInt32BE(1);
    }
  };

  private pass(bytes: Buffer): Buffer {
    const part = bytes.subarray(0, this.passing);
    this.passing -= part.length;
    this.send(part);
    return bytes.subarray(part.length);
  }

  private beginRow(bytes: Buffer): Buffer {
    const end = 1 + bytes.readUInt32BE(1);
    if (this.packer === undefined && end <= bytes.length) {
      this.take(bytes.subarray(HEADER_BYTES, end));
      return bytes.subarray(end);
    }
    const length = end - HEADER_BYTES;
    this.row = this.packer?.place(length) ?? Buffer.allocUnsafe(length);
    this.rowLength = 0;
    return bytes.subarray(HEADER_BYTES);
  }

  private fillRow(row: Buffer, bytes: Buffer): Buffer {
    const taken = bytes.copy(row, this.rowLength);
    this.rowLength += taken;
    if (this.rowLength === row.length) {
      this.row = undefined;
      this.take(row);
    }
    return bytes.subarray(taken);
  }

  private take(row: Buffer): void {
    if (this.failure !== null || this.packer !== undefined) return;
    try {
      this.rows.push(decodeRow(row, this.columns) as Row);
    } catch (error) {
      // Throwing the error here would end the process. The connection is intact and must be read to the end.
      this.failure = error as Error;
    }
  }

  private send(bytes: Buffer): void {
    for (const listener of this.listeners) listener.call(this.stream, bytes);
  }

  private stepAside(): void {
    this.stream!.off('data', this.onBytes);
    for (const listener of this.listeners) this.stream!.on('data', listener);
  }
}

/** Sends all messages of a statement without waiting for answers in between. */
function sendStatement(
  connection: ExtendedConnection & Connection,
  { name, text }: { readonly name: string; readonly text: string },
  values: readonly BinaryParameter[],
): void {
  connection.stream.cork();
  try {
    if (name === '' || connection.parsedStatements?.[name] !== text) connection.parse({ text, name });
    connection.bind({ statement: name, values, binary: true });
    connection.describe({ type: 'P', name: '' });
    connection.execute({ portal: '', rows: 0 });
    connection.sync();
  } finally {
    connection.stream.uncork();
  }
}

/** A client of node-postgres whose raw bytes can be read. */
export interface BinaryClient {
  query<Query extends Submittable>(query: Query): Query;
}

/**
 * Returns whether {@link BinaryQuery} works with a client. It does not work with `pg-native` or with clients that pipeline
 * statements.
 */
export function canQueryBinary(client: unknown): client is BinaryClient {
  const { connection, pipeline } = (client ?? {}) as {
    connection?: { stream?: { listeners?: unknown }; query?: unknown };
    pipeline?: boolean;
  };
  return typeof connection?.stream?.listeners === 'function' && typeof connection.query === 'function' && !pipeline;
}
