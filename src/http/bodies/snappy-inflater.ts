import { Transform, type TransformCallback } from 'node:stream';
import { crc32c } from './crc32c.js';
import { inflateFrame, MAX_FRAME_BYTES, SnappyFrameError } from './snappy-frame.js';

const COMPRESSED = 0x00;
const UNCOMPRESSED = 0x01;
const FIRST_SKIPPABLE = 0x80;
const STREAM_IDENTIFIER = 0xff;
const IDENTIFIER = Buffer.from('sNaPpY');

const HEADER_BYTES = 4;
const CHECKSUM_BYTES = 4;

/**
 * Maximum length of the contents of a frame with data. Snappy can make data that it can't compress longer, by at most 32 bytes
 * and a sixth of the data.
 */
const MAX_CONTENT_BYTES = CHECKSUM_BYTES + 32 + MAX_FRAME_BYTES + Math.floor(MAX_FRAME_BYTES / 6);

/**
 * Inflates Snappy's framing format, in which clients of Pushgateway can send bodies. It differs from the block format, which
 * Prometheus' remote write uses. At most one frame is kept in memory.
 *
 * Source: https://github.com/google/snappy/blob/main/framing_format.txt
 */
export class SnappyInflater extends Transform {
  private waiting: Buffer = Buffer.alloc(0);
  private hasBegun = false;
  /** The number of bytes of a skippable frame that are still to be skipped. */
  private toSkip = 0;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      this.readFrames(chunk);
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  override _flush(done: TransformCallback): void {
    done(this.waiting.length > 0 || this.toSkip > 0 ? new SnappyFrameError('it ends in the middle of a frame') : null);
  }

  private readFrames(chunk: Buffer): void {
    let rest = this.waiting.length === 0 ? chunk : Buffer.concat([this.waiting, chunk]);
    for (;;) {
      const skipped = Math.min(this.toSkip, rest.length);
      this.toSkip -= skipped;
      rest = rest.subarray(skipped);
      if (rest.length < HEADER_BYTES) break;
      const type = rest[0]!;
      const length = rest.readUIntLE(1, 3);
      this.checkHeader(type, length);
      if (type >= FIRST_SKIPPABLE && type !== STREAM_IDENTIFIER) {
        this.toSkip = HEADER_BYTES + length;
        continue;
      }
      if (rest.length < HEADER_BYTES + length) break;
      this.readFrame(type, rest.subarray(HEADER_BYTES, HEADER_BYTES + length));
      rest = rest.subarray(HEADER_BYTES + length);
    }
    this.waiting = rest;
  }

  private checkHeader(type: number, length: number): void {
    if (!this.hasBegun && type !== STREAM_IDENTIFIER) {
      throw new SnappyFrameError(
        "it does not begin with the identifier of Snappy's framing format, which is not the block format",
      );
    }
    this.hasBegun = true;
    if (type === STREAM_IDENTIFIER) {
      if (length !== IDENTIFIER.length) throw new SnappyFrameError('its identifier is not that of Snappy');
    } else if (type === COMPRESSED || type === UNCOMPRESSED) {
      if (length < CHECKSUM_BYTES || length > MAX_CONTENT_BYTES) {
        throw new SnappyFrameError(`a frame has ${length} bytes, which no frame can have`);
      }
    } else if (type < FIRST_SKIPPABLE) {
      throw new SnappyFrameError(`a frame has the type ${type}, which is reserved`);
    }
  }

  private readFrame(type: number, content: Buffer): void {
    if (type === STREAM_IDENTIFIER) {
      if (!content.equals(IDENTIFIER)) throw new SnappyFrameError('its identifier is not that of Snappy');
      return;
    }
    const given = content.subarray(CHECKSUM_BYTES);
    const data = type === COMPRESSED ? inflateFrame(given) : given;
    if (data.length > MAX_FRAME_BYTES) throw new SnappyFrameError(`a frame has more than ${MAX_FRAME_BYTES} bytes`);
    if (content.readUInt32LE(0) !== maskedChecksumOf(data)) throw new SnappyFrameError('a checksum is wrong');
    if (data.length > 0) this.push(data);
  }
}

/** Returns the masked checksum that a frame contains. The format masks checksums, because the data itself may contain some. */
function maskedChecksumOf(data: Uint8Array): number {
  const checksum = crc32c(data);
  return (((checksum >>> 15) | (checksum << 17)) + 0xa282ead8) >>> 0;
}
