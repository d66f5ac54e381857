import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { SNAPPY_IDENTIFIER, snappyDataFrame, snappyFrame, snappyFrames } from '../../../test/support/snappy-frames.js';
import { SnappyFrameError } from './snappy-frame.js';
import { SnappyInflater } from './snappy-inflater.js';

/** Inflates bytes that arrive in pieces. */
function inflate(bytes: Buffer, pieceLength = bytes.length): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += pieceLength) pieces.push(bytes.subarray(at, at + pieceLength));
  const inflater = new SnappyInflater();
  Readable.from(pieces).pipe(inflater);
  return buffer(inflater);
}

const begun = (...frames: Buffer[]) => Buffer.concat([SNAPPY_IDENTIFIER, ...frames]);
const data = Buffer.from('orders_total 3\n'.repeat(10));

/** Returns a compressed frame with the given bytes as its block and a wrong checksum. */
const blockFrame = (...block: number[]) => snappyFrame(0, Buffer.from([0, 0, 0, 0, ...block]));

describe('the inflation of Snappy frames', () => {
  it('returns what was compressed, however the bytes arrive', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc
        .tuple(fc.string({ minLength: 1, maxLength: 9 }), fc.integer({ min: 1, max: 15_000 }))
        .map(([unit, times]) => unit.repeat(times)),
    );
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 5_000 }), async (each, pieceLength) => {
        const bytes = snappyFrames(each);
        const inflated = await inflate(bytes, Math.max(pieceLength, Math.ceil(bytes.length / 500)));
        expect(inflated.equals(Buffer.from(each))).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  it('reads frames that are not compressed, and skips padding and unknown frames that may be skipped', async () => {
    const frames = [snappyFrame(0xfe, Buffer.alloc(100_000)), snappyFrame(0x80, data), SNAPPY_IDENTIFIER];
    const bytes = begun(...frames, snappyDataFrame(data, false), snappyDataFrame(data));
    expect(await inflate(bytes, 7)).toEqual(Buffer.concat([data, data]));
    expect(await inflate(Buffer.alloc(0))).toEqual(Buffer.alloc(0));
  });

  it.each<[string, Buffer]>([
    ['not the block format', Buffer.from('0a24736f6d657468696e67', 'hex')],
    ['identifier is not that of Snappy', Buffer.concat([snappyFrame(0xff, Buffer.from('sNaPpX'))])],
    ['a frame has the type 2, which is reserved', begun(snappyFrame(2, data))],
    ['it ends in the middle of a frame', begun(snappyDataFrame(data)).subarray(0, -1)],
    ['it ends in the middle of a frame', begun(snappyFrame(0x80, data)).subarray(0, -1)],
    ['a frame has 3 bytes', begun(snappyFrame(1, Buffer.alloc(3)))],
    ['a frame has 16777215 bytes', begun(Buffer.from('01ffffff', 'hex'))],
    ['a checksum is wrong', begun(snappyFrame(1, Buffer.concat([Buffer.alloc(4), data])))],
    ['a frame has more than 65536 bytes', begun(snappyDataFrame(Buffer.alloc(65_537), false))],
    ['a frame announces more than 65536 bytes', begun(blockFrame(0x81, 0x80, 0x04))],
    ['a frame announces more than 65536 bytes', begun(blockFrame(0xff, 0xff, 0xff, 0xff, 0x0f))],
    ['a frame contains fewer bytes than it announces', begun(blockFrame(2, 0, 65))],
    ['a frame contains more bytes than it announces', begun(blockFrame(1, 4, 65, 66))],
    ['a frame ends in the middle of an element', begun(blockFrame(9, 8, 65))],
    ['a frame ends in the middle of an element', begun(blockFrame(9, 0xfc, 255, 255))],
    ['a frame refers to bytes before its beginning', begun(blockFrame(5, 0, 65, 1, 2))],
    ['a frame refers to bytes before its beginning', begun(blockFrame(5, 0, 65, 1, 0))],
  ])('fails because %s', async (message, bytes) => {
    const failure = await inflate(bytes).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SnappyFrameError);
    expect((failure as Error).message).toContain(message);
  });

  it('inflates or refuses any damaged bytes', async () => {
    const frames = snappyFrames('a_total 1\nb_total 1\n'.repeat(20));
    await fc.assert(
      fc.asyncProperty(fc.nat(frames.length - 1), fc.nat(255), async (at, byte) => {
        const damaged = Buffer.from(frames);
        damaged[at] = byte;
        const outcome = await inflate(damaged).catch((error: unknown) => error);
        if (!Buffer.isBuffer(outcome)) expect(outcome).toBeInstanceOf(SnappyFrameError);
      }),
    );
  });
});
