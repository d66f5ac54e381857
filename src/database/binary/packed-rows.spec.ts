import { RowPacker, unpackRows } from './packed-rows.js';

function row(number: number, bytes: Buffer | null): Buffer {
  const head = Buffer.alloc(2 + 8 + 4);
  head.writeInt16BE(2, 0);
  head.writeInt32BE(4, 2);
  head.writeInt32BE(number, 6);
  head.writeInt32BE(bytes?.length ?? -1, 10);
  return Buffer.concat([head, bytes ?? Buffer.alloc(0)]);
}

const COLUMNS = [
  { name: 'number', dataTypeID: 23 },
  { name: 'bytes', dataTypeID: 17 },
];

function packed(rows: readonly Buffer[], expectedBytes?: number) {
  const packer = new RowPacker(expectedBytes);
  for (const each of rows) packer.place(each.length).set(each);
  return packer.packed(COLUMNS);
}

describe('packed rows', () => {
  it('are the same rows after their bytes were transferred to another thread', () => {
    const sent = packed([row(1, Buffer.from('abc')), row(2, null), row(3, Buffer.alloc(0))]);
    const arrived = structuredClone(sent, { transfer: [sent.bytes.buffer, sent.ends.buffer] });
    expect(sent.bytes).toHaveLength(0);
    expect(unpackRows(arrived)).toEqual([
      { number: 1, bytes: Buffer.from('abc') },
      { number: 2, bytes: null },
      { number: 3, bytes: Buffer.alloc(0) },
    ]);
  });

  it('may be none, again and again', () => {
    const none = packed([]);
    structuredClone(none, { transfer: [none.bytes.buffer, none.ends.buffer] });
    expect(unpackRows(packed([]))).toEqual([]);
  });

  it('may have more bytes than were expected', () => {
    const numbers = Array.from({ length: 50 }, (_, number) => number);
    const rows = numbers.map((number) => row(number, Buffer.alloc(number, number)));
    expect(unpackRows(packed(rows, 100))).toEqual(
      numbers.map((number) => ({ number, bytes: Buffer.alloc(number, number) })),
    );
  });
});
