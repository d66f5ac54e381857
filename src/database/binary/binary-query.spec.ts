import { EventEmitter } from 'node:events';
import type { Connection } from 'pg';
import fc from 'fast-check';
import { BinaryQuery, canQueryBinary } from './binary-query.js';

/** Builds a message of the server. */
function message(kind: string, body: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.write(kind);
  header.writeUInt32BE(4 + body.length, 1);
  return Buffer.concat([header, body]);
}

function dataRow(value: Buffer): Buffer {
  const head = Buffer.alloc(6);
  head.writeInt16BE(1);
  head.writeInt32BE(value.length, 2);
  return message('D', Buffer.concat([head, value]));
}

/** Cuts bytes into pieces that end at the given fractions of the whole. */
function cut(bytes: Buffer, shares: readonly number[]): Buffer[] {
  const ends = [...shares.map((share) => Math.floor(share * bytes.length)), bytes.length].toSorted((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end)).filter(({ length }) => length > 0);
}

/** Fakes the part of a connection that a query uses. `passedOn` contains the bytes that reach the original listener. */
function connect() {
  const stream = new EventEmitter();
  const heard: Buffer[] = [];
  stream.on('data', (bytes: Buffer) => heard.push(bytes));
  const asked: string[] = [];
  const say = (kind: string) => (sent?: object) =>
    asked.push(sent === undefined ? kind : `${kind} ${JSON.stringify(sent)}`);
  const steps = Object.fromEntries(['parse', 'bind', 'describe', 'execute', 'sync'].map((kind) => [kind, say(kind)]));
  Object.assign(stream, { cork: say('cork'), uncork: say('uncork') });
  const connection = { stream, query: (text: string) => asked.push(text), ...steps } as unknown as Connection;
  return { connection, stream, asked, passedOn: () => Buffer.concat(heard) };
}

const COLUMNS = { fields: [{ name: 'packed', dataTypeID: 17 }] };
const READY = message('Z', Buffer.from('T'));

describe('BinaryQuery', () => {
  it('takes the rows and passes everything else on unchanged, however the bytes are split', async () => {
    const other = fc
      .tuple(fc.constantFrom('N', 'S', 'C', 'T'), fc.uint8Array({ maxLength: 40 }))
      .map(([kind, body]) => ({ bytes: message(kind, Buffer.from(body)), value: undefined }));
    const row = fc
      .uint8Array({ maxLength: 200 })
      .map((value) => ({ bytes: dataRow(Buffer.from(value)), value: Buffer.from(value) }));
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(other, row), { maxLength: 20 }),
        fc.array(share, { maxLength: 12 }),
        fc.uint8Array({ maxLength: 20 }),
        async (messages, shares, rest) => {
          const { connection, stream, asked, passedOn } = connect();
          const query = new BinaryQuery<{ packed: Buffer }>('FETCH 1 FROM stored');
          query.submit(connection);
          query.handleRowDescription(COLUMNS);
          const sent = Buffer.concat([...messages.map(({ bytes }) => bytes), READY, rest]);
          for (const piece of cut(sent, shares)) stream.emit('data', piece);
          query.handleReadyForQuery();

          const rows = messages.flatMap(({ value }) => (value === undefined ? [] : [value]));
          const others = messages.flatMap(({ bytes, value }) => (value === undefined ? [bytes] : []));
          expect((await query.result).map(({ packed }) => packed)).toEqual(rows);
          expect(passedOn()).toEqual(Buffer.concat([...others, READY, rest]));
          expect(asked).toEqual(['FETCH 1 FROM stored']);
          expect(stream.listenerCount('data')).toBe(1);
        },
      ),
    );
  });

  it('sends a statement with parameters and everything that belongs to it at once', () => {
    const { connection, asked } = connect();
    new BinaryQuery('SELECT $1, $2', ['a', null]).submit(connection);
    expect(asked).toEqual([
      'cork',
      'parse {"text":"SELECT $1, $2","name":""}',
      'bind {"statement":"","values":["a",null],"binary":true}',
      'describe {"type":"P","name":""}',
      'execute {"portal":"","rows":0}',
      'sync',
      'uncork',
    ]);
  });

  it('reads to the end after an error, because the connection is used again', async () => {
    const { connection, stream, passedOn } = connect();
    const query = new BinaryQuery('FETCH 1 FROM stored');
    query.submit(connection);
    const first = dataRow(Buffer.alloc(100));
    stream.emit('data', first.subarray(0, 50));
    // node-postgres raises this error after its own time-out, while the server keeps sending.
    query.handleError(new Error('Query read timeout'));
    await expect(query.result).rejects.toThrow('Query read timeout');
    stream.emit('data', Buffer.concat([first.subarray(50), READY]));
    expect(passedOn()).toEqual(READY);
  });

  it('fails for a row that it cannot decode', async () => {
    const { connection, stream } = connect();
    const query = new BinaryQuery('FETCH 1 FROM stored');
    query.submit(connection);
    query.handleRowDescription({ fields: [{ name: 'labels', dataTypeID: 3802 }] });
    stream.emit('data', Buffer.concat([dataRow(Buffer.of(1)), dataRow(Buffer.of(2)), READY]));
    query.handleReadyForQuery();
    await expect(query.result).rejects.toThrow('Column labels has the type 3802');
  });
});

describe('canQueryBinary', () => {
  const connection = { stream: new EventEmitter(), query: () => undefined };

  it.each([
    ['a client of node-postgres', { connection, pipeline: false }, true],
    ['a client that pipelines statements', { connection, pipeline: true }, false],
    ['a client without a connection object, as in pg-native', { native: {} }, false],
    ['nothing', undefined, false],
  ])('says whether %s can be used', (_, client, expected) => {
    expect(canQueryBinary(client)).toBe(expected);
  });
});
