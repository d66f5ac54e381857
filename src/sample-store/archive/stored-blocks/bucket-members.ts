import { encodeInt4Array } from '../../../database/binary/packed-array.js';
import { addMember, type MemberSet } from '../block/member-set.js';

/** Returns the bucket of a series. Series whose ids differ only in the lowest six bits are in the same bucket. */
export function bucketOf(seriesId: number): number {
  return seriesId >> 6;
}

/** Returns the position of a series in its bucket, from 0 to 63. */
export function memberOf(seriesId: number): number {
  return seriesId & 63;
}

/** Returns the id of the series that is this member of this bucket. */
export function seriesIdOf(bucket: number, member: number): number {
  return bucket * 64 + member;
}

/** A set of series, grouped by their buckets. */
export class BucketMembers {
  private readonly byBucket = new Map<number, { high: number; low: number }>();

  constructor(seriesIds: Iterable<number>) {
    for (const id of seriesIds) this.add(id);
  }

  /** The buckets that have a member. */
  get buckets(): Iterable<number> {
    return this.byBucket.keys();
  }

  add(seriesId: number): void {
    const bucket = bucketOf(seriesId);
    let members = this.byBucket.get(bucket);
    if (members === undefined) {
      members = { high: 0, low: 0 };
      this.byBucket.set(bucket, members);
    }
    addMember(members, memberOf(seriesId));
  }

  /** Returns those of the series that are members of a bucket. */
  of(bucket: number): MemberSet {
    return this.byBucket.get(bucket) ?? NO_MEMBERS;
  }

  /** Returns three parameters for a statement: the buckets, and the upper and lower halves of their members. */
  get parameters(): [Buffer, Buffer, Buffer] {
    const sets = [...this.byBucket.values()];
    return [
      encodeInt4Array(Int32Array.from(this.byBucket.keys())),
      encodeInt4Array(Int32Array.from(sets, ({ high }) => high)),
      encodeInt4Array(Int32Array.from(sets, ({ low }) => low)),
    ];
  }
}

const NO_MEMBERS: MemberSet = { high: 0, low: 0 };
