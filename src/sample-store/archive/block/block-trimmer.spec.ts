import { randomSamples, wholeBlockOf } from '../../../../test/support/random-blocks.js';
import { SeededRandom } from '../../../../test/support/seeded-random.js';
import type { MemberSamples } from './block-bytes.js';
import { BlockDecoder } from './block-decoder.js';
import { BlockTrimmer } from './block-trimmer.js';
import { addMember, isEmptySet, type MemberSet, membersOf, placeOfMember } from './member-set.js';

const RUNS = Number(process.env.BLOCK_FUZZ_RUNS ?? 30);
const NONE = new Float64Array(0);

function setOf(members: readonly number[]): MemberSet {
  const set = { high: 0, low: 0 };
  for (const member of members) addMember(set, member);
  return set;
}

/** Returns the samples whose times meet a rule, checked one by one. */
function only({ times, values, ...rest }: MemberSamples, rule: (time: number) => boolean): MemberSamples {
  const places = [...times.keys()].filter((place) => rule(times[place]!));
  const kept = new Float64Array(places.length);
  // The subarrays keep the payload of a NaN.
  for (const [target, place] of places.entries()) kept.set(values.subarray(place, place + 1), target);
  return { ...rest, times: Float64Array.from(places, (place) => times[place]!), values: kept };
}

const isNumber = (sum: number) => !Number.isNaN(sum);

describe('BlockTrimmer', () => {
  const trimmer = new BlockTrimmer();

  it('takes exactly the samples of the wanted members in the range, and keeps every bit of the others', () => {
    let cuts = 0;
    for (let run = 0; run < RUNS; run++) {
      const random = new SeededRandom(run);
      const samples = randomSamples(random, 100).filter(({ times }) => times.length > 0);
      if (samples.length === 0) continue;
      const block = wholeBlockOf(samples);
      const wanted = random.some(samples.map(({ member }) => member));
      const allTimes = samples.flatMap(({ times }) => [...times]);
      const ends = [random.pick(allTimes), random.pick(allTimes)].toSorted((a, b) => a - b);
      const range = { from: ends[0]!, to: ends[1]! + random.integer(0, 1) };
      const isIn = (time: number) => time >= range.from && time < range.to;

      const plan = trimmer.plan(block, setOf(wanted), range);
      if (!isEmptySet(plan.cut)) cuts++;
      const { removed, kept } = trimmer.trim(block, plan, range);

      const expected = samples.map((each) => (wanted.includes(each.member) ? only(each, (time) => !isIn(time)) : each));
      const gone = samples.filter(({ member }) => wanted.includes(member)).map((each) => only(each, isIn));
      expect(removed.map(({ member, sampleCount }) => [member, sampleCount]).toSorted((a, b) => a[0]! - b[0]!)).toEqual(
        gone.filter(({ times }) => times.length > 0).map(({ member, times }) => [member, times.length]),
      );
      // Real deltas of counters are never negative, but these random ones can be. Their sum may be infinity minus infinity, which
      // counts as missing.
      const hasSum = ({ member }: MemberSamples) =>
        !Number.isNaN(block.deltaSums[placeOfMember(block.members, member)] ?? NaN);
      const left = expected.filter(({ times }) => times.length > 0).map((each) => ({ ...each, isDelta: hasSum(each) }));
      if (left.length === 0) {
        expect(kept).toBeNull();
        continue;
      }
      expect(membersOf(kept!.members)).toEqual(left.map(({ member }) => member));
      expect(kept!.sampleCount).toBe(left.reduce((sum, { times }) => sum + times.length, 0));
      expect(kept!.falls).toEqual(wholeBlockOf(left).falls);
      expect((kept!.deltaSums ?? NONE).filter(isNumber)).toEqual(wholeBlockOf(left).deltaSums.filter(isNumber));
      const decoder = new BlockDecoder();
      decoder.open({ ...block, ...kept!, packed: [{ from: 0, bytes: kept!.packed }] });
      for (const { member, times, values } of left) {
        const found = { times: new Float64Array(times.length), values: new Float64Array(times.length) };
        expect(decoder.decode(member, -Infinity, Infinity, found.times, found.values, 0)).toBe(times.length);
        expect(found.times).toEqual(times);
        expect(Buffer.from(found.values.buffer).equals(Buffer.from(values.slice().buffer))).toBe(true);
      }
    }
    expect(cuts).toBeGreaterThan(0);
  });

  it('says the sum of the deltas that it takes, from the row or from the samples', () => {
    const times = Float64Array.of(1_000, 2_000, 3_000);
    const block = wholeBlockOf([
      { member: 1, times, values: Float64Array.of(0.1, 0.2, 0.7), isDelta: true },
      { member: 9, times: Float64Array.of(2_000), values: Float64Array.of(4), isDelta: true },
      { member: 63, times, values: Float64Array.of(1, 2, 3), isDelta: false },
    ]);
    const range = { from: 2_000, to: 3_000 };
    const plan = trimmer.plan(block, setOf([1, 9, 63]), range);
    expect([membersOf(plan.covered), membersOf(plan.cut)]).toEqual([[9], [1, 63]]);
    const { removed, kept } = trimmer.trim(block, plan, range);
    expect(removed).toEqual([
      { member: 9, sampleCount: 1, deltaSum: { high: 4, low: 0 } },
      { member: 1, sampleCount: 1, deltaSum: { high: 0.2, low: 0 } },
      { member: 63, sampleCount: 1, deltaSum: null },
    ]);
    expect([membersOf(kept!.members), [...kept!.deltaSums!]]).toEqual([
      [1, 63],
      [0.1 + 0.7, NaN],
    ]);
  });

  it('knows without the packed bytes what members lose that are wholly in the range', () => {
    const times = Float64Array.of(1_000, 2_000);
    const block = wholeBlockOf([{ member: 3, times, values: Float64Array.of(1, 2), isDelta: true }]);
    const plan = trimmer.plan(block, setOf([3]), { from: 0, to: 2_001 });
    expect(trimmer.removedBy(block, plan)).toEqual([{ member: 3, sampleCount: 2, deltaSum: { high: 3, low: 0 } }]);
    expect(isEmptySet(plan.cut)).toBe(true);
  });
});
