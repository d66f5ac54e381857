/**
 * Reads a block as src/sample-store/archive/block/README.md describes it, without any code of the decoder: bits are a string, and
 * integers are BigInts. If this slow reader agrees with the decoder, it is unlikely that both have made the same mistake.
 */

class Bits {
  private at = 0;
  private readonly text: string;

  constructor(bytes: Uint8Array) {
    this.text = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
  }

  u(width: number): bigint {
    const digits = this.text.slice(this.at, this.at + width);
    if (digits.length !== width) throw new Error(`${width} bits at ${this.at} of ${this.text.length}`);
    this.at += width;
    return width === 0 ? 0n : BigInt(`0b${digits}`);
  }

  small(width: number): number {
    return Number(this.u(width));
  }

  unsigned(): bigint {
    return this.u(this.small(6));
  }

  signed(): bigint {
    const width = this.small(6);
    if (width === 0) return 0n;
    const isNegative = this.small(1) === 1;
    const magnitude = this.u(width);
    return isNegative ? -magnitude : magnitude;
  }

  expectPadding(): void {
    const rest = this.text.slice(this.at);
    if (rest.length > 7 || rest.includes('1')) throw new Error(`padded with ${rest}`);
  }
}

function readFrames(bits: Bits, count: number, log: number): bigint[] {
  const low = bits.signed();
  const lowWidth = bits.small(6);
  const codes: bigint[] = [];
  while (codes.length < count) {
    const frameLow = low + bits.u(lowWidth);
    const width = bits.small(6);
    for (let left = Math.min(2 ** log, count - codes.length); left > 0; left--) codes.push(frameLow + bits.u(width));
  }
  return codes;
}

function readPlain(bits: Bits, count: number): bigint[] {
  const low = bits.signed();
  const width = bits.small(6);
  return Array.from({ length: count }, () => low + bits.u(width));
}

function addUp(first: bigint, differences: readonly bigint[]): bigint[] {
  const sums = [first];
  for (const difference of differences) sums.push(sums.at(-1)! + difference);
  return sums;
}

/** Returns the height of a line at an index. Shifting right rounds down, for negative numbers as well. */
const onLine = (step: bigint, index: number) => (BigInt(index) * step) >> 8n;

function readColumn(bits: Bits, count: number): bigint[] {
  if (count === 0) return [];
  const hasUnit = bits.small(1) === 1;
  const unit = hasUnit ? bits.unsigned() : 1n;
  const offset = hasUnit ? bits.signed() : 0n;
  const form = bits.small(2);
  const log = form < 2 ? bits.small(4) : 0;
  const lead = form === 2 ? 0n : bits.signed();
  let integers: bigint[];
  if (form === 0) integers = readFrames(bits, count, log).map((code, index) => onLine(lead, index) + code);
  else if (form === 1) integers = addUp(lead, readFrames(bits, count - 1, log));
  else if (form === 2) integers = readPlain(bits, count);
  else integers = addUp(lead, readPlain(bits, count - 1));
  return integers.map((integer) => offset + unit * integer);
}

function doubleOf(high: bigint, low: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE((high << 32n) | low);
  return bytes;
}

function bytesOf(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

function timesTwoTo(integer: bigint, exponent: number): number {
  return Number(integer) * 2 ** Math.floor(exponent / 2) * 2 ** Math.ceil(exponent / 2);
}

function readValues(bits: Bits, count: number): Buffer {
  const mode = bits.small(2);
  const patched = bits.small(1) === 1 ? bits.small(16) : 0;
  const places = readColumn(bits, patched);
  const highs = readColumn(bits, patched);
  const lows = readColumn(bits, patched);
  const ten = mode === 0 || mode === 2 ? Number(`1e${bits.small(5)}`) : 1;
  const two = mode === 1 || mode === 2 ? Number(bits.signed()) : 0;
  const first = readColumn(bits, count);
  const second = mode >= 2 ? readColumn(bits, count) : [];
  bits.expectPadding();
  const values = first.map((integer, index) => {
    if (mode === 0) return bytesOf(Number(integer) / ten);
    if (mode === 1) return bytesOf(timesTwoTo(integer, two));
    if (mode === 2) return bytesOf(Number(integer) / ten + timesTwoTo(second[index]!, two));
    return doubleOf(integer, second[index]!);
  });
  for (const [index, place] of places.entries()) values[Number(place)] = doubleOf(highs[index]!, lows[index]!);
  return Buffer.concat(values);
}

function readPart(bits: Bits, count: number, base: readonly number[]): number[] {
  const way = bits.small(2);
  if (way === 0) return base.filter(() => bits.small(1) === 1);
  if (way === 1) {
    const missing = new Set(readColumn(bits, base.length - count).map(Number));
    return base.filter((_, index) => !missing.has(index));
  }
  return readColumn(bits, count).map((index) => base[Number(index)]!);
}

/** @returns for each member its number, its times, and its values as little-endian bytes */
export function readBlock(
  startAt: number,
  members: readonly number[],
  directory: Uint8Array,
  packed: Uint8Array,
): { member: number; times: number[]; values: Buffer }[] {
  const bytes = Buffer.from(directory);
  const hasBases = (bytes[0]! & 4) !== 0;
  const endBytes = (bytes[0]! & 3) + 1;
  const vectorCount = bytes[1]!;
  let at = 2;
  let end = 0;
  const next = (width: number) => bytes.readUIntBE((at += width) - width, width);
  const column = () => {
    const from = end;
    end = next(endBytes);
    next(2);
    return new Bits(packed.subarray(from, end));
  };
  const vectors = Array.from({ length: vectorCount }, (_, number) => ({
    base: hasBases ? next(1) : number,
    count: next(2),
    first: startAt + next(4),
    last: startAt + next(4),
    bits: column(),
  }));
  const alone = vectors.map(({ bits, count, first, base }, number) =>
    base === number ? readColumn(bits, count).map((offset) => first + Number(offset)) : [],
  );
  const times = vectors.map(({ bits, count, base }, number) =>
    base === number ? alone[number]! : readPart(bits, count, alone[base]!),
  );
  for (const { bits } of vectors) bits.expectPadding();
  return members.map((member) => {
    const vector = vectorCount > 1 ? next(1) : 0;
    return { member, times: times[vector]!, values: readValues(column(), vectors[vector]!.count) };
  });
}
