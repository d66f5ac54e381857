import { BitReader } from '../bits/bit-reader.js';
import { BitWriter } from '../bits/bit-writer.js';
import { ValueColumn } from './value-column.js';
import { DECIMAL, BINARY, SUM, RAW } from '../format.js';

const COUNT = 1_000;
const column = new ValueColumn();

/** Writes values. @returns the mode that was chosen, and the number of bits per value */
function written(valueAt: (index: number) => number): { mode: number; bits: number } {
  const writer = new BitWriter();
  column.write(
    writer,
    Float64Array.from({ length: COUNT }, (_, index) => valueAt(index)),
  );
  const bytes = writer.toBytes();
  const reader = new BitReader((damage) => new Error(damage));
  reader.start(bytes, 0, bytes.length);
  return { mode: reader.read(2), bits: (8 * bytes.length) / COUNT };
}

/**
 * Returns one of the numbers from 0 to range - 1. For successive indexes, they come in a scattered order, so that storing
 * differences takes no fewer bits than storing the numbers.
 */
const scattered = (index: number, range: number) => (index * 7_919) % range;

function expectAtMost(bits: number, mode: number, valueAt: (index: number) => number): void {
  const found = written(valueAt);
  expect(found.mode).toBe(mode);
  expect(found.bits).toBeLessThan(bits + 0.2);
}

describe('ValueColumn', () => {
  it('takes as many bits as the digits of decimals have', () => {
    expectAtMost(0, DECIMAL, () => 12.34);
    expectAtMost(10, DECIMAL, (index) => scattered(index, 1_000) / 100);
    expectAtMost(20, DECIMAL, (index) => -scattered(index * 131, 1_000_003) / 1e6);
  });

  it('divides by what all values have in common', () => {
    expectAtMost(10, DECIMAL, (index) => scattered(index, 1_000) * 4_096);
    expectAtMost(10, DECIMAL, (index) => 7 + scattered(index, 1_000) * 1e9);
    expectAtMost(10, DECIMAL, (index) => scattered(index, 1_000) / 1_024);
    expectAtMost(10, BINARY, (index) => (1e6 + scattered(index, 1_000)) * 2 ** -70);
    expectAtMost(10, BINARY, (index) => scattered(index, 1_000) * 2 ** 900);
  });

  it('takes few bits more than their randomness for doubles of about the same size', () => {
    const fraction = (index: number) =>
      ((Math.imul(index + 1, 0x9e37_79b1) >>> 0) * 2 ** 20 + scattered(index, 2 ** 20)) / 2 ** 52;
    expectAtMost(52, BINARY, fraction);
    expectAtMost(55, RAW, (index) => 8 + 1_000 * fraction(index) ** 3);
  });

  it('keeps the rounding errors of sums apart from their decimals', () => {
    let sum = 0;
    const { mode, bits } = written((index) => (sum += 0.01 + scattered(index, 100) / 1_000));
    expect(mode).toBe(SUM);
    expect(bits).toBeLessThan(20);
  });

  it('stores the few values that do not fit as patches', () => {
    const { mode, bits } = written((index) => (index % 200 === 7 ? NaN : scattered(index, 1_000) / 100));
    expect(mode).toBe(DECIMAL);
    expect(bits).toBeLessThan(10.5);
    expect(written((index) => (index === 500 ? 1 / 3 : scattered(index, 1_000) / 100)).bits).toBeLessThan(10.5);
  });
});
