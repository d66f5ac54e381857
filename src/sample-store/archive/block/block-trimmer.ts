import { CompensatedSum } from '../../../live-values/compensated-sum.js';
import type { MemberSamples } from './block-bytes.js';
import { BlockDecoder } from './block-decoder.js';
import { BlockEncoder } from './block-encoder.js';
import { type SplicedBlock, spliceBlock, type WholeBlock } from './block-splicer.js';
import {
  addMember,
  commonMembers,
  hasMember,
  isEmptySet,
  type MemberSet,
  membersOf,
  placeOfMember,
} from './member-set.js';

/** A half-open range of sample times, in milliseconds since the epoch. */
export interface TrimmedRange {
  readonly from: number;
  readonly to: number;
}

/** The members of a block that may have samples in a range, according to its directory. */
export interface TrimPlan {
  /** The members that have all of their samples in the range. */
  readonly covered: MemberSet;
  /**
   * The members whose time span overlaps the range but extends beyond it. It is possible that none of their samples is in the
   * range.
   */
  readonly cut: MemberSet;
}

/** The samples of one member that were in the range. */
export interface TrimmedMember {
  readonly member: number;
  readonly sampleCount: number;
  /** The high and low doubles of the sum of their deltas; null for a member without deltas. */
  readonly deltaSum: { readonly high: number; readonly low: number } | null;
}

/** A block without the samples in the range. */
export interface TrimmedBlock {
  /** The members that have lost samples. */
  readonly removed: readonly TrimmedMember[];
  /** The columns that change; null if no sample is left. */
  readonly kept: (SplicedBlock & { readonly startAt: number }) | null;
}

/** A block whose packed bytes may be missing. */
export type DirectoryOfBlock = Omit<WholeBlock, 'packed'>;

/** Removes the samples that some members have in a time range from blocks, one block after the other. */
export class BlockTrimmer {
  private readonly decoder = new BlockDecoder();
  private readonly encoder = new BlockEncoder();

  /** Determines from the directory of a block which of the wanted members may lose samples. */
  plan(block: DirectoryOfBlock, wanted: MemberSet, { from, to }: TrimmedRange): TrimPlan {
    this.decoder.open({ ...block, packed: [] });
    const covered = { high: 0, low: 0 };
    const cut = { high: 0, low: 0 };
    for (const member of membersOf(commonMembers(block.members, wanted))) {
      const first = this.decoder.firstTime(member);
      const last = this.decoder.lastTime(member);
      if (first >= to || last < from) continue;
      addMember(first >= from && last < to ? covered : cut, member);
    }
    return { covered, cut };
  }

  /**
   * Returns the sample counts and delta sums of the covered members, which the block loses if they are removed. The packed bytes
   * are not needed.
   */
  removedBy(block: DirectoryOfBlock, { covered }: TrimPlan): TrimmedMember[] {
    this.decoder.open({ ...block, packed: [] });
    return membersOf(covered).map((member) => ({
      member,
      sampleCount: this.decoder.sampleCount(member),
      deltaSum: storedSumOf(block, member),
    }));
  }

  /**
   * Removes the samples in a range from the members of a plan. If all affected members are covered, the others are copied and not
   * decoded. The block keeps its end, which is part of its key.
   *
   * @throws DamagedBlockError if the method reads bytes that the encoder can't have written
   */
  trim(block: WholeBlock, plan: TrimPlan, range: TrimmedRange): TrimmedBlock {
    const removed = this.removedBy(block, plan);
    if (isEmptySet(plan.cut)) {
      const spliced = spliceBlock(block, plan.covered);
      return { removed, kept: spliced && { ...spliced, startAt: block.startAt } };
    }
    this.decoder.open(block);
    const members: MemberSamples[] = [];
    for (const member of membersOf(block.members)) {
      if (hasMember(plan.covered, member)) continue;
      const samples = this.decode(block, member);
      if (!hasMember(plan.cut, member)) {
        members.push(samples);
        continue;
      }
      const first = firstFrom(samples.times, range.from);
      const end = firstFrom(samples.times, range.to);
      if (end > first) removed.push(removedPart(samples, first, end));
      members.push(withoutPart(samples, first, end));
    }
    const { startAt, endAt: _, ...encoded } = this.encoder.encode(members);
    const sampleCount = members.reduce((sum, { times }) => sum + times.length, 0);
    return { removed, kept: { ...encoded, startAt, sampleCount } };
  }

  private decode(block: WholeBlock, member: number): MemberSamples {
    const count = this.decoder.sampleCount(member);
    const times = new Float64Array(count);
    const values = new Float64Array(count);
    this.decoder.decode(member, -Infinity, Infinity, times, values, 0);
    return { member, times, values, isDelta: storedSumOf(block, member) !== null };
  }
}

function storedSumOf({ members, deltaSums, deltaSumLows }: DirectoryOfBlock, member: number) {
  if (deltaSums.length === 0) return null;
  const place = placeOfMember(members, member);
  const high = deltaSums[place]!;
  return Number.isNaN(high) ? null : { high, low: deltaSumLows[place]! };
}

function removedPart({ member, values, isDelta }: MemberSamples, first: number, end: number): TrimmedMember {
  const sum = new CompensatedSum();
  for (let index = first; index < end; index++) sum.add(values[index]!);
  return { member, sampleCount: end - first, deltaSum: isDelta ? { high: sum.high, low: sum.low } : null };
}

/**
 * Returns the samples before `first` and from `end` on. Arrays are copied as a whole and not number by number, because a NaN
 * could lose its payload in a variable.
 */
function withoutPart(samples: MemberSamples, first: number, end: number): MemberSamples {
  const join = (column: Float64Array) => {
    const kept = new Float64Array(column.length - (end - first));
    kept.set(column.subarray(0, first));
    kept.set(column.subarray(end), first);
    return kept;
  };
  return { ...samples, times: join(samples.times), values: join(samples.values) };
}

/** Returns the first index of a time that is not before `time`. */
function firstFrom(times: Float64Array, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
