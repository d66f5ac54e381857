import fc from 'fast-check';
import { type Column, decodeRow, type RowValue } from './binary-row.js';

interface Field {
  readonly dataTypeID: number;
  readonly bytes: Buffer | null;
  readonly value: RowValue;
}

function int8(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

function written(length: number, write: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(length);
  write(bytes);
  return bytes;
}

const field: fc.Arbitrary<Field> = fc.oneof(
  fc.boolean().map((value) => ({ dataTypeID: 16, bytes: Buffer.of(value ? 1 : 0), value })),
  fc.uint8Array().map((bytes) => ({ dataTypeID: 17, bytes: Buffer.from(bytes), value: Buffer.from(bytes) })),
  fc.maxSafeInteger().map((value) => ({ dataTypeID: 20, bytes: int8(value), value })),
  fc.integer().map((value) => ({ dataTypeID: 23, bytes: written(4, (bytes) => bytes.writeInt32BE(value)), value })),
  fc.double().map((value) => ({ dataTypeID: 701, bytes: written(8, (bytes) => bytes.writeDoubleBE(value)), value })),
  fc
    .tuple(
      fc.date({ min: new Date('1970-01-01'), max: new Date('2200-01-01'), noInvalidDate: true }),
      fc.nat({ max: 999 }),
    )
    .map(([value, microseconds]) => ({
      dataTypeID: 1184,
      bytes: int8((value.getTime() - Date.UTC(2000, 0, 1)) * 1000 + microseconds),
      value,
    })),
  fc.constantFrom(16, 17, 20, 23, 701, 1184).map((dataTypeID) => ({ dataTypeID, bytes: null, value: null })),
);

function rowOf(fields: readonly Field[]): { row: Buffer; columns: Column[] } {
  const parts = fields.flatMap(({ bytes }) =>
    bytes === null
      ? [written(4, (length) => length.writeInt32BE(-1))]
      : [written(4, (length) => length.writeInt32BE(bytes.length)), bytes],
  );
  return {
    row: Buffer.concat([written(2, (count) => count.writeInt16BE(fields.length)), ...parts]),
    columns: fields.map(({ dataTypeID }, index) => ({ name: `c${index}`, dataTypeID })),
  };
}

describe('decodeRow', () => {
  it('decodes all types that our statements return', () => {
    fc.assert(
      fc.property(fc.array(field, { maxLength: 8 }), (fields) => {
        const { row, columns } = rowOf(fields);
        const expected = Object.fromEntries(fields.map(({ value }, index) => [`c${index}`, value]));
        expect(decodeRow(row, columns)).toEqual(expected);
      }),
    );
  });

  it('refuses an unknown type', () => {
    const { row } = rowOf([{ dataTypeID: 17, bytes: Buffer.of(1), value: null }]);
    expect(() => decodeRow(row, [{ name: 'labels', dataTypeID: 3802 }])).toThrow(
      'Column labels has the type 3802, which has no binary decoder.',
    );
  });
});
