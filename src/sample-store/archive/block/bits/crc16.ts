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

/**
 * Returns the CRC-16/IBM-3740 of the bytes from `from` up to, but not including, `to`.
 *
 * @param before the checksum of the bytes that precede these, if there are any
 */
export function crc16(bytes: Uint8Array, from: number, to: number, before = START): number {
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
