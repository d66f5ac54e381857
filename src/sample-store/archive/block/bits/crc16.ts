/** The polynomial of CRC-16/IBM-3740 (also called CCITT-FALSE), which detects every error of one, two or three bits in 4 kB. */
const POLYNOMIAL = 0x1021;
const START = 0xffff;

/** Row k contains the checksum of each byte when k zero bytes follow it, so that eight bytes can be processed in one step. */
const TABLES = makeTables();

function makeTables(): Uint16Array {
  const tables = new Uint16Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ POLYNOMIAL;
    tables[byte] = crc;
  }
  for (let index = 256; index < tables.length; index++) {
    const before = tables[index - 256]!;
    tables[index] = (before << 8) ^ tables[before >>> 8]!;
  }
  return tables;
}

/** The length from which on folding is faster than the tables. */
const FOLDED_FROM = 256;
/** The number of bytes to which folding reduces a longer text. */
const FOLD_BYTES = 64;
const rest = new DataView(new ArrayBuffer(FOLD_BYTES));
const restBytes = new Uint8Array(rest.buffer);

/**
 * Returns the CRC-16/IBM-3740 of the bytes from `from` up to, but not including, `to`.
 *
 * @param before the checksum of the bytes that precede these, if there are any
 * @param view a view of all of `bytes`, if the caller has one; a new one for each column of a query would be much garbage
 */
export function crc16(bytes: Uint8Array, from: number, to: number, before = START, view?: DataView): number {
  if (to - from < FOLDED_FROM) return crcByTables(bytes, from, to, before);
  const folded = to - ((to - from) % FOLD_BYTES);
  fold(view ?? new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), from, folded, before);
  return crcByTables(bytes, folded, to, crcByTables(restBytes, 0, FOLD_BYTES, 0));
}

/**
 * Writes 64 bytes to `rest` whose checksum, with a start of 0, is that of a multiple of 64 bytes.
 *
 * Modulo the polynomial, x^16 = x^12 + x^5 + 1. Squaring this five times gives x^512 = x^384 + x^160 + 1, because modulo 2 the square of
 * a sum is the sum of the squares. So a word of 32 bits can be added to the words that come 4, 11 and 16 words later in its place. The
 * variables are the last sixteen words. Bytes are never moved within a word, so the byte order of the words does not matter.
 */
function fold(view: DataView, from: number, to: number, before: number): void {
  // The start is added to the first two bytes.
  let a = (before >>> 8) | ((before & 255) << 8);
  let b = 0;
  let c = 0;
  let d = 0;
  let e = 0;
  let f = 0;
  let g = 0;
  let h = 0;
  let i = 0;
  let j = 0;
  let k = 0;
  let l = 0;
  let m = 0;
  let n = 0;
  let o = 0;
  let p = 0;
  const last = to - FOLD_BYTES;
  let at = from;
  for (; at < last; at += FOLD_BYTES) {
    a ^= view.getInt32(at, true) ^ m ^ f;
    b ^= view.getInt32(at + 4, true) ^ n ^ g;
    c ^= view.getInt32(at + 8, true) ^ o ^ h;
    d ^= view.getInt32(at + 12, true) ^ p ^ i;
    e ^= view.getInt32(at + 16, true) ^ a ^ j;
    f ^= view.getInt32(at + 20, true) ^ b ^ k;
    g ^= view.getInt32(at + 24, true) ^ c ^ l;
    h ^= view.getInt32(at + 28, true) ^ d ^ m;
    i ^= view.getInt32(at + 32, true) ^ e ^ n;
    j ^= view.getInt32(at + 36, true) ^ f ^ o;
    k ^= view.getInt32(at + 40, true) ^ g ^ p;
    l ^= view.getInt32(at + 44, true) ^ h ^ a;
    m ^= view.getInt32(at + 48, true) ^ i ^ b;
    n ^= view.getInt32(at + 52, true) ^ j ^ c;
    o ^= view.getInt32(at + 56, true) ^ k ^ d;
    p ^= view.getInt32(at + 60, true) ^ l ^ e;
  }
  // The last sixteen words are not added to others any more.
  rest.setInt32(0, a ^ m ^ f ^ view.getInt32(at, true), true);
  rest.setInt32(4, b ^ n ^ g ^ view.getInt32(at + 4, true), true);
  rest.setInt32(8, c ^ o ^ h ^ view.getInt32(at + 8, true), true);
  rest.setInt32(12, d ^ p ^ i ^ view.getInt32(at + 12, true), true);
  rest.setInt32(16, e ^ j ^ view.getInt32(at + 16, true), true);
  rest.setInt32(20, f ^ k ^ view.getInt32(at + 20, true), true);
  rest.setInt32(24, g ^ l ^ view.getInt32(at + 24, true), true);
  rest.setInt32(28, h ^ m ^ view.getInt32(at + 28, true), true);
  rest.setInt32(32, i ^ n ^ view.getInt32(at + 32, true), true);
  rest.setInt32(36, j ^ o ^ view.getInt32(at + 36, true), true);
  rest.setInt32(40, k ^ p ^ view.getInt32(at + 40, true), true);
  rest.setInt32(44, l ^ view.getInt32(at + 44, true), true);
  rest.setInt32(48, m ^ view.getInt32(at + 48, true), true);
  rest.setInt32(52, n ^ view.getInt32(at + 52, true), true);
  rest.setInt32(56, o ^ view.getInt32(at + 56, true), true);
  rest.setInt32(60, p ^ view.getInt32(at + 60, true), true);
}

function crcByTables(bytes: Uint8Array, from: number, to: number, before: number): number {
  let crc = before;
  let at = from;
  for (const lastEight = to - 8; at <= lastEight; at += 8) {
    crc =
      TABLES[1792 + (bytes[at]! ^ (crc >>> 8))]! ^
      TABLES[1536 + (bytes[at + 1]! ^ (crc & 255))]! ^
      TABLES[1280 + bytes[at + 2]!]! ^
      TABLES[1024 + bytes[at + 3]!]! ^
      TABLES[768 + bytes[at + 4]!]! ^
      TABLES[512 + bytes[at + 5]!]! ^
      TABLES[256 + bytes[at + 6]!]! ^
      TABLES[bytes[at + 7]!]!;
  }
  for (; at < to; at++) crc = ((crc << 8) & 0xffff) ^ TABLES[(crc >>> 8) ^ bytes[at]!]!;
  return crc;
}
