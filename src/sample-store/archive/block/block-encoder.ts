import { CompensatedSum } from '../../../live-values/compensated-sum.js';
import { BitWriter } from './bits/bit-writer.js';
import type { EncodedBlock, MemberSamples } from './block-bytes.js';
import { writeDirectory, type WrittenColumn } from './directory/directory-writer.js';
import { crc16 } from './bits/crc16.js';
import { TimeVectors } from './times/time-vectors.js';
import { ValueColumn } from './columns/value-column.js';
import { MAX_SAMPLES } from './format.js';
import { addMember, type MemberSet } from './member-set.js';

const MAX_MEMBERS = 64;
/** Maximum length of a block, about 49 days, because times are written as milliseconds after its start, in 32 bits. */
const MAX_SPAN_MS = 2 ** 32 - 1;
/** The latest time that a `Date` can hold. Postgres can store later ones. */
const MAX_TIME = 8.64e15;

/** Packs the samples of up to 64 series into a block. One encoder can make any number of blocks, one after the other. */
export class BlockEncoder {
  private readonly writer = new BitWriter();
  private readonly vectors = new TimeVectors();
  private readonly values = new ValueColumn();
  private readonly sum = new CompensatedSum();

  /**
   * Encodes one block. A member without samples is not in the block.
   *
   * @param samples the members in ascending order
   * @throws RangeError if there is no sample, if the members or times are invalid or out of order, or if the samples do not fit
   * into one block
   */
  encode(samples: readonly MemberSamples[]): EncodedBlock {
    checkMembers(samples);
    const members = samples.filter(({ times }) => times.length > 0);
    if (members.length === 0) throw new RangeError('A block needs at least one sample.');
    this.vectors.clear();
    const vectorOf = Uint8Array.from(members, ({ times }) => this.vectors.add(times));
    const { vectors } = this.vectors;
    for (const { times } of vectors) checkTimes(times);
    this.vectors.findBases();
    const startAt = vectors.reduce((earliest, { times }) => Math.min(earliest, times[0]!), Infinity);
    const endAt = vectors.reduce((latest, { times }) => Math.max(latest, times.at(-1)!), -Infinity);
    if (endAt - startAt > MAX_SPAN_MS) {
      throw new RangeError(`A block of ${endAt - startAt} ms is longer than ${MAX_SPAN_MS} ms.`);
    }

    this.writer.clear();
    const vectorColumns = vectors.map((_, number) => this.writeColumn(() => this.vectors.write(this.writer, number)));
    const valueColumns = members.map(({ values }) => this.writeColumn(() => this.values.write(this.writer, values)));
    const set = setOf(members);
    const directory = writeDirectory(
      set,
      startAt,
      vectors.map(({ times, base }, number) => ({
        base,
        count: times.length,
        firstAt: times[0]!,
        lastAt: times.at(-1)!,
        column: vectorColumns[number]!,
      })),
      valueColumns.map((column, place) => ({ vector: vectorOf[place]!, column })),
    );
    return {
      startAt,
      endAt,
      members: set,
      falls: setOf(members.filter(({ values }) => canFall(values))),
      directory,
      packed: this.writer.toBytes(),
      ...this.sumDeltas(members),
    };
  }

  private writeColumn(write: () => void): WrittenColumn {
    const start = this.writer.byteLength;
    write();
    this.writer.align();
    const end = this.writer.byteLength;
    return { end, checksum: crc16(this.writer.written, start, end) };
  }

  private sumDeltas(members: readonly MemberSamples[]): Pick<EncodedBlock, 'deltaSums' | 'deltaSumLows'> {
    if (!members.some(({ isDelta }) => isDelta)) return { deltaSums: null, deltaSumLows: null };
    const deltaSums = new Float64Array(members.length).fill(NaN);
    const deltaSumLows = new Float64Array(members.length).fill(NaN);
    for (const [place, { values, isDelta }] of members.entries()) {
      if (!isDelta) continue;
      this.sum.reset();
      for (let index = 0; index < values.length; index++) this.sum.add(values[index]!);
      deltaSums[place] = this.sum.high;
      deltaSumLows[place] = this.sum.low;
    }
    return { deltaSums, deltaSumLows };
  }
}

function setOf(members: readonly MemberSamples[]): MemberSet {
  const set = { high: 0, low: 0 };
  for (const { member } of members) addMember(set, member);
  return set;
}

function canFall(values: Float64Array): boolean {
  for (let index = 0; index < values.length; index++) if (!(values[index]! >= 0)) return true;
  return false;
}

function checkMembers(samples: readonly MemberSamples[]): void {
  let previous = -1;
  for (const { member, times, values } of samples) {
    if (!Number.isInteger(member) || member <= previous || member >= MAX_MEMBERS) {
      throw new RangeError(`Member ${member} after ${previous}: members are whole, below 64, and in ascending order.`);
    }
    if (times.length !== values.length) {
      throw new RangeError(`Member ${member} has ${times.length} times and ${values.length} values.`);
    }
    if (times.length > MAX_SAMPLES) {
      throw new RangeError(
        `Member ${member} has ${times.length} samples, more than ${MAX_SAMPLES}; use several blocks.`,
      );
    }
    previous = member;
  }
}

function checkTimes(times: Float64Array): void {
  let previous = -MAX_TIME;
  for (let index = 0; index < times.length; index++) {
    const time = times[index]!;
    if (!(time >= previous && time <= MAX_TIME && time === Math.floor(time))) {
      throw new RangeError(`Time ${time} after ${previous}: times are whole milliseconds in ascending order.`);
    }
    previous = time;
  }
}
