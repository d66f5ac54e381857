import { packRows, unpackRows } from './packed-rows.js';

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

describe('packed rows', () => {
  it('are the same rows after their bytes were transferred to another thread', () => {
    const packed = packRows([row(1, Buffer.from('abc')), row(2, null), row(3, Buffer.alloc(0))], COLUMNS);
    const arrived = structuredClone(packed, { transfer: [packed.bytes.buffer, packed.ends.buffer] });
    expect(packed.bytes).toHaveLength(0);
    expect(unpackRows(arrived)).toEqual([
      { number: 1, bytes: Buffer.from('abc') },
      { number: 2, bytes: null },
      { number: 3, bytes: Buffer.alloc(0) },
    ]);
  });

  it('may be none', () => {
    expect(unpackRows(packRows([], []))).toEqual([]);
  });
});
