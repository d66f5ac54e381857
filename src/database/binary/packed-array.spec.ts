import fc from 'fast-check';
import {
  decodeFloat8Array,
  decodeInt4Array,
  decodeInt8Array,
  decodeTimestampArray,
  encodeFloat8Array,
  encodeInt4Array,
  encodeInt8Array,
} from './packed-array.js';

const double = fc.oneof(
  fc.double(),
  fc.constantFrom(-0, NaN, Infinity, -Infinity, 5e-324, -5e-324, Number.MAX_VALUE, 2 ** 53, -(2 ** 53), 0.1),
);
const wholeNumber = fc.oneof(
  fc.maxSafeInteger(),
  fc.constantFrom(0, -1, 2 ** 31, -(2 ** 31), 2 ** 32, -(2 ** 32), 2 ** 32 - 1, 2 ** 53, -(2 ** 53), 1764000000000),
);

/** Copies bytes into the middle of a larger buffer, as the driver does. */
function inside(packed: Buffer): Buffer {
  return Buffer.concat([Buffer.alloc(3, 0xff), packed, Buffer.alloc(5, 0xff)]).subarray(3, 3 + packed.length);
}

/** Compares doubles by `Object.is`, which distinguishes 0 from -0 and considers all NaN equal. */
const expectSame = (actual: Iterable<number>, expected: Iterable<number>) => {
  const differences = [...actual].map((value, index) => [value, [...expected][index]] as const);
  expect(differences.filter(([one, other]) => !Object.is(one, other))).toEqual([]);
  expect([...actual]).toHaveLength([...expected].length);
};

describe('packed arrays', () => {
  it('preserve doubles', () => {
    fc.assert(
      fc.property(fc.array(double), (values) => {
        expectSame(decodeFloat8Array(inside(encodeFloat8Array(Float64Array.from(values)))), values);
      }),
    );
  });

  it('preserve int4', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (values) => {
        expectSame(decodeInt4Array(inside(encodeInt4Array(Int32Array.from(values)))), values);
      }),
    );
  });

  it('preserve whole numbers as int8', () => {
    fc.assert(
      fc.property(fc.array(wholeNumber), (values) => {
        expectSame(decodeInt8Array(inside(encodeInt8Array(Float64Array.from(values)))), values);
      }),
    );
  });

  // The expected bytes are the result of `SELECT array_send(…)` in Postgres 15.
  it.each([
    [encodeInt4Array(Int32Array.of(1, -2)), '0000000100000000000000170000000200000001000000040000000100000004fffffffe'],
    [
      encodeInt8Array(Float64Array.of(1764000000000, -1)),
      '0000000100000000000000140000000200000001000000080000019ab697e80000000008ffffffffffffffff',
    ],
    [
      encodeFloat8Array(Float64Array.of(0.1, -0)),
      '0000000100000000000002bd0000000200000001000000083fb999999999999a000000088000000000000000',
    ],
  ])('equal those of Postgres, %#', (packed, hex) => expect(packed.toString('hex')).toBe(hex));

  it('decode times as the driver does: rounded down to milliseconds, also before 2000 and before 1970', () => {
    const microsecondsSince2000 = [0, 999, -1, 833_241_600_123_999, -946_684_800_000_000, -946_684_800_000_001];
    const times = ['2000-01-01T00:00:00.000Z', '2000-01-01T00:00:00.000Z', '1999-12-31T23:59:59.999Z'].concat([
      '2026-05-28T00:00:00.123Z',
      '1970-01-01T00:00:00.000Z',
      '1969-12-31T23:59:59.999Z',
    ]);
    const decoded = decodeTimestampArray(inside(encodeInt8Array(Float64Array.from(microsecondsSince2000))));
    expect(Array.from(decoded, (at) => new Date(at).toISOString())).toEqual(times);
  });

  it('can be empty, whether we or Postgres encoded them', () => {
    expect(decodeFloat8Array(encodeFloat8Array(new Float64Array()))).toHaveLength(0);
    const fromPostgres = Buffer.from('0000000000000000000002bd', 'hex');
    for (const decode of [decodeFloat8Array, decodeInt8Array, decodeInt4Array]) {
      expect(decode(fromPostgres)).toHaveLength(0);
    }
  });
});
