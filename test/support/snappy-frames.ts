import { snappyCompress } from 'hysnappy';

export const SNAPPY_IDENTIFIER = Buffer.from('ff060000734e61507059', 'hex');

/** Computes a CRC-32C bit by bit, independently of the table of the server. */
function crc32c(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const byte of bytes) {
    remainder ^= byte;
    for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (0x82f63b78 & -(remainder & 1));
  }
  return ~remainder >>> 0;
}

/** Returns a frame with its type and its length in front. */
export function snappyFrame(type: number, content: Uint8Array): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(type, 0, 1);
  header.writeUIntLE(content.length, 1, 3);
  return Buffer.concat([header, content]);
}

/** Returns a frame with data. */
export function snappyDataFrame(data: Uint8Array, isCompressed = true): Buffer {
  const checksum = Buffer.alloc(4);
  const crc = crc32c(data);
  checksum.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0);
  const content = isCompressed ? snappyCompress(data) : data;
  return snappyFrame(isCompressed ? 0 : 1, Buffer.concat([checksum, content]));
}

/** Compresses text to Snappy's framing format. */
export function snappyFrames(text: string): Buffer {
  const bytes = Buffer.from(text);
  const frames: Buffer[] = [SNAPPY_IDENTIFIER];
  for (let at = 0; at < bytes.length; at += 65_536) frames.push(snappyDataFrame(bytes.subarray(at, at + 65_536)));
  return Buffer.concat(frames);
}
