import { randomSamples } from '../../../../test/support/random-blocks.js';
import { SeededRandom } from '../../../../test/support/seeded-random.js';
import { BlockDecoder } from './block-decoder.js';
import { BlockEncoder } from './block-encoder.js';

const encoder = new BlockEncoder();
const decoder = new BlockDecoder();
const times = new Float64Array(1_000);
const values = new Float64Array(1_000);

const TIMES = Float64Array.of(10, 20, 20, 30);
const BLOCK = encoder.encode([
  { member: 1, times: TIMES, values: Float64Array.of(1, 2, 3, 4), isDelta: false },
  { member: 40, times: TIMES, values: Float64Array.of(5, 6, 7, 8), isDelta: false },
]);

function open() {
  decoder.open({ ...BLOCK, bucket: 1, id: 2, packed: [{ from: 0, bytes: BLOCK.packed }] });
}

describe('BlockDecoder', () => {
  it('includes both ends of a range', () => {
    open();
    const valuesBetween = (from: number, to: number) => [
      ...values.subarray(0, decoder.decode(40, from, to, times, values, 0)),
    ];
    expect(valuesBetween(10, 20)).toEqual([5, 6, 7]);
    expect(valuesBetween(20, 20)).toEqual([6, 7]);
    expect(valuesBetween(21, 30)).toEqual([8]);
    expect(valuesBetween(11, 19)).toEqual([]);
    expect(valuesBetween(31, 40)).toEqual([]);
    expect(valuesBetween(-Infinity, 9)).toEqual([]);
    expect(valuesBetween(30, 10)).toEqual([]);
  });

  it('answers from the directory alone', () => {
    decoder.open({ ...BLOCK, bucket: 1, id: 2, packed: [] });
    expect([0, 1, 40].map((member) => decoder.has(member))).toEqual([false, true, true]);
    expect([0, 1, 40].map((member) => decoder.sampleCount(member))).toEqual([0, 4, 4]);
    expect([decoder.firstTime(1), decoder.lastTime(1)]).toEqual([10, 30]);
    expect(decoder.decode(0, 0, 100, times, values, 0)).toBe(0);
    expect(() => decoder.decode(1, 0, 100, times, values, 0)).toThrow('Block 2 of bucket 1 is damaged: the bytes');
  });

  it('finds the last time before another, if there is one', () => {
    open();
    expect([31, 30, 25, 20, 11].map((at) => decoder.lastTimeBefore(40, at))).toEqual([30, 20, 20, 10, 10]);
    expect([10, 5].map((at) => decoder.lastTimeBefore(40, at))).toEqual([10, 5]);
  });

  it('finds samples of members with the same and with other times, one after the other', () => {
    const others = {
      member: 50,
      times: Float64Array.of(15, 20, 40),
      values: Float64Array.of(9, 10, 11),
      isDelta: false,
    };
    const members = [1, 2].map((member) => ({
      member,
      times: TIMES,
      values: TIMES.map((at) => at * member),
      isDelta: false,
    }));
    const block = encoder.encode([...members, others]);
    decoder.open({ ...block, bucket: 1, id: 2, packed: [{ from: 0, bytes: block.packed }] });
    const found = (member: number, from: number, to: number, before: number) => {
      const count = decoder.find(member, from, to, before);
      decoder.decodeFound(times, values, 0);
      return [count, ...values.subarray(0, count + before)];
    };
    expect(found(1, 20, 25, 1)).toEqual([2, 10, 20, 20]);
    expect(found(2, 20, 25, 1)).toEqual([2, 20, 40, 40]);
    expect(found(50, 20, 25, 1)).toEqual([1, 9, 10]);
    expect(found(2, 20, 25, 0)).toEqual([2, 40, 40]);
    expect(found(2, 20, 30, 0)).toEqual([3, 40, 40, 60]);
    expect(found(2, 25, 29, 1)).toEqual([0, 40]);
    expect(found(2, 50, 60, 1)).toEqual([0, 60]);
    expect(found(2, 0, 60, 0)).toEqual([4, 20, 40, 40, 60]);
  });

  it('finds samples again in another block', () => {
    open();
    expect(decoder.find(1, 20, 25)).toBe(2);
    const block = encoder.encode([
      { member: 1, times: Float64Array.of(10, 21, 30), values: TIMES.subarray(1), isDelta: false },
    ]);
    decoder.open({ ...block, bucket: 1, id: 3, packed: [{ from: 0, bytes: block.packed }] });
    expect(decoder.find(1, 20, 25)).toBe(1);
  });

  it('writes only to the given place of the arrays', () => {
    open();
    values.fill(-1);
    decoder.decode(1, 20, 20, times, values, 3);
    expect([...values.subarray(0, 7)]).toEqual([-1, -1, -1, 2, 3, -1, -1]);
  });

  it('refuses arrays that are too short', () => {
    open();
    expect(() => decoder.decode(1, 0, 100, times, new Float64Array(3), 0)).toThrow('no room for 4 samples at 0');
    expect(() => decoder.decode(1, 0, 100, new Float64Array(5), values, 2)).toThrow('no room for 4 samples at 2');
  });

  it('needs only the bytes that it lists', () => {
    for (let seed = 0; seed < 10; seed++) {
      const random = new SeededRandom(seed);
      const samples = randomSamples(random, 100);
      const block = encoder.encode(samples);
      const wanted = random.some(samples);
      decoder.open({ ...block, bucket: 1, id: 2, packed: [] });
      const packed = decoder
        .byteRanges(wanted.map(({ member }) => member))
        .map(({ from, to }) => ({ from, bytes: block.packed.slice(from, to) }));
      decoder.open({ ...block, bucket: 1, id: 2, packed });
      for (const { member, times: expected } of wanted) {
        expect(decoder.decode(member, -Infinity, Infinity, times, values, 0)).toBe(expected.length);
        expect([...times.subarray(0, expected.length)]).toEqual([...expected]);
      }
    }
  });

  it('reads a block that was transferred to another thread', () => {
    const packed = BLOCK.packed.slice();
    const block = { ...BLOCK, bucket: 1, id: 2, packed: [{ from: 0, bytes: packed }] };
    decoder.open(structuredClone(block, { transfer: [packed.buffer] }));
    expect(packed.length).toBe(0);
    expect(decoder.decode(40, 30, 30, times, values, 0)).toBe(1);
    expect([times[0], values[0]]).toEqual([30, 8]);
  });

  it('says that a format is unknown', () => {
    const directory = BLOCK.directory.slice();
    directory[0] = 0x20;
    expect(() => decoder.open({ ...BLOCK, directory, bucket: 1, id: 2, packed: [] })).toThrow('its format is 2');
  });

  it('reads vectors again when it kept as many as it may', () => {
    const random = new SeededRandom(3);
    // Only vectors that several members share are kept.
    const samples = Array.from({ length: 5 }, (_, pair) => {
      const long = Float64Array.from({ length: 60_000 }, () => random.integer(0, 1_000_000)).toSorted();
      return [0, 1].map((each) => ({ member: 2 * pair + each, times: long, values: long, isDelta: false }));
    }).flat();
    const block = encoder.encode(samples);
    decoder.open({ ...block, bucket: 1, id: 2, packed: [{ from: 0, bytes: block.packed }] });
    const found = new Float64Array(60_000);
    for (const { member, times: expected } of [...samples, ...samples]) {
      expect(decoder.decode(member, -Infinity, Infinity, found, new Float64Array(60_000), 0)).toBe(60_000);
      expect(Buffer.from(found.buffer).equals(Buffer.from(expected.buffer))).toBe(true);
    }
  });
});
