import type { MemberSamples } from './block-bytes.js';
import { BlockEncoder } from './block-encoder.js';
import { hasMember } from './member-set.js';

const encoder = new BlockEncoder();

function samples(member: number, times: readonly number[], values: readonly number[], isDelta = false): MemberSamples {
  return { member, times: Float64Array.from(times), values: Float64Array.from(values), isDelta };
}

describe('BlockEncoder', () => {
  it('says which members have samples, and which can fall', () => {
    const block = encoder.encode([
      samples(0, [5], [1]),
      samples(1, [], []),
      samples(31, [6], [-0]),
      samples(32, [7], [NaN]),
      samples(63, [8, 9], [1, -1]),
    ]);
    const all = Array.from({ length: 64 }, (_, member) => member);
    expect(all.filter((member) => hasMember(block.members, member))).toEqual([0, 31, 32, 63]);
    expect(all.filter((member) => hasMember(block.falls, member))).toEqual([32, 63]);
    expect([block.startAt, block.endAt]).toEqual([5, 9]);
  });

  it('adds up deltas without stale markers, as a compensated sum', () => {
    const block = encoder.encode([samples(2, [1, 2, 3], [1, 2, 3]), samples(3, [1, 2, 3, 4], [1e16, 1, NaN, 1], true)]);
    expect([...block.deltaSums!]).toEqual([NaN, 1e16 + 2]);
    expect([...block.deltaSumLows!]).toEqual([NaN, 0]);
    expect(encoder.encode([samples(2, [1], [1])]).deltaSums).toBeNull();
  });

  it('stores times that members share once', () => {
    const times = Array.from({ length: 100 }, (_, index) => 1_000 * index + ((index * 7_919) % 997));
    const alone = encoder.encode([samples(0, times, times)]).packed.length;
    const values = times.map(() => 3);
    const members = Array.from({ length: 64 }, (_, member) => samples(member, times, member === 0 ? times : values));
    expect(encoder.encode(members).packed.length).toBeLessThan(alone + 64 * 6);
  });

  it('stores a series that misses pushes of its sender as a part of them', () => {
    const times = Array.from({ length: 1_000 }, (_, index) => 10_000 * index + ((index * 7_919) % 1_999));
    const members = Array.from({ length: 10 }, (_, member) => {
      const kept = times.filter((_, index) => (index * 31 + member * 17) % 10 !== 0);
      return samples(
        member,
        kept,
        kept.map(() => 1),
      );
    });
    const bits = encoder.encode(members).packed.length * 8;
    // The time of a push takes 11 bits, and each of the ten members takes one more bit for each push.
    expect(bits).toBeLessThan(1_000 * (12 + 10 * 1.1));
  });

  it('refuses samples that no block can hold', () => {
    const refusals: [string, MemberSamples[]][] = [
      ['at least one sample', []],
      ['at least one sample', [samples(1, [], [])]],
      ['Member 64 after -1', [samples(64, [1], [1])]],
      ['Member 3 after 3', [samples(3, [1], [1]), samples(3, [1], [1])]],
      ['Member 0.5', [samples(0.5, [1], [1])]],
      ['1 times and 2 values', [samples(0, [1], [1, 2])]],
      ['65536 samples, more than 65535', [samples(0, Array(65_536).fill(1), Array(65_536).fill(1))]],
      ['Time 1 after 2', [samples(0, [2, 1], [1, 1])]],
      ['Time 1.5', [samples(0, [1.5], [1])]],
      ['Time NaN', [samples(0, [NaN], [1])]],
      ['Time Infinity', [samples(0, [Infinity], [1])]],
      ['longer than 4294967295 ms', [samples(0, [0, 2 ** 32], [1, 1])]],
      ['longer than 4294967295 ms', [samples(0, [0], [1]), samples(1, [2 ** 32], [1])]],
    ];
    for (const [message, members] of refusals) {
      expect(() => encoder.encode(members)).toThrow(RangeError);
      expect(() => encoder.encode(members)).toThrow(message);
    }
  });
});
