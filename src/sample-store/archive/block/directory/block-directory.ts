import { type BlockBytes, NO_BLOCK } from '../block-bytes.js';
import { directoryChecksum } from './directory-checksum.js';
import { DamagedBlockError } from '../damaged-block-error.js';
import { countMembers, hasMember, type MemberSet, placeOfMember } from '../member-set.js';
import { FORMAT_VERSION, HAS_BASES, HEADER_BYTES, CHECKSUM_BYTES, VECTOR_BYTES } from '../format.js';

const MAX_VECTORS = 255;
const MAX_COLUMNS = MAX_VECTORS + 64;

/** Reads and checks the directory of a block. The object can be reused for the next block, and then allocates nothing. */
export class BlockDirectory {
  vectorCount = 0;
  columnCount = 0;
  /** The columns of `packed`: first those of the vectors, then those of the members. Column `i` begins where `i - 1` ends. */
  readonly columnEnds = new Float64Array(MAX_COLUMNS);
  readonly columnChecksums = new Uint16Array(MAX_COLUMNS);
  readonly vectorBases = new Uint8Array(MAX_VECTORS);
  readonly vectorCounts = new Uint16Array(MAX_VECTORS);
  readonly vectorFirsts = new Float64Array(MAX_VECTORS);
  readonly vectorLasts = new Float64Array(MAX_VECTORS);
  /** The number of members and other vectors that use each vector. */
  readonly vectorUses = new Uint16Array(MAX_VECTORS);
  readonly memberVectors = new Uint8Array(64);
  private members: MemberSet = { high: 0, low: 0 };
  private block = NO_BLOCK;

  close(): void {
    this.block = NO_BLOCK;
    this.members = NO_BLOCK.members;
  }

  /** @throws DamagedBlockError if the bytes are not a directory for these members */
  read(block: BlockBytes): void {
    this.block = block;
    this.members = block.members;
    const { directory, members } = block;
    const memberCount = countMembers(members);
    if (directory.length < HEADER_BYTES + CHECKSUM_BYTES)
      throw this.damaged(`its directory has ${directory.length} bytes`);
    const version = directory[0]! >>> 4;
    if (version !== FORMAT_VERSION)
      throw this.damaged(`its format is ${version}, and this version of the server reads ${FORMAT_VERSION}`);
    const hasBases = (directory[0]! & HAS_BASES) !== 0;
    const endBytes = (directory[0]! & 3) + 1;
    const vectorCount = directory[1]!;
    const columnBytes = endBytes + CHECKSUM_BYTES;
    const length =
      HEADER_BYTES +
      vectorCount * ((hasBases ? 1 : 0) + VECTOR_BYTES + columnBytes) +
      memberCount * ((vectorCount > 1 ? 1 : 0) + columnBytes) +
      CHECKSUM_BYTES;
    if (directory.length !== length) {
      throw this.damaged(`its directory has ${directory.length} bytes in place of ${length}`);
    }
    const checksum = unsigned(directory, length - CHECKSUM_BYTES, CHECKSUM_BYTES);
    if (checksum !== directoryChecksum(members, directory))
      throw this.damaged('the checksum of its directory is wrong');
    if (memberCount === 0 || vectorCount === 0) throw this.damaged('it has no samples');
    this.vectorCount = vectorCount;
    this.columnCount = vectorCount + memberCount;
    let at = HEADER_BYTES;
    for (let vector = 0; vector < vectorCount; vector++) {
      this.vectorBases[vector] = hasBases ? directory[at++]! : vector;
      this.vectorCounts[vector] = unsigned(directory, at, 2);
      this.vectorFirsts[vector] = block.startAt + unsigned(directory, at + 2, 4);
      this.vectorLasts[vector] = block.startAt + unsigned(directory, at + 6, 4);
      this.readColumn(directory, at + VECTOR_BYTES, endBytes, vector);
      at += VECTOR_BYTES + columnBytes;
    }
    for (let place = 0; place < memberCount; place++) {
      this.memberVectors[place] = vectorCount > 1 ? directory[at++]! : 0;
      this.readColumn(directory, at, endBytes, vectorCount + place);
      at += columnBytes;
      if (this.memberVectors[place]! >= vectorCount)
        throw this.damaged('a series has a vector of times that is missing');
    }
    this.countUses(memberCount);
    for (let vector = 0; vector < vectorCount; vector++) this.checkVector(vector);
  }

  /** Returns the place of a member among those of the block, or -1 if the block does not have it. */
  placeOf(member: number): number {
    return hasMember(this.members, member) ? placeOfMember(this.members, member) : -1;
  }

  has(member: number): boolean {
    return hasMember(this.members, member);
  }

  /** Returns the number of the vector with the times of a member. The block must contain the member. */
  vectorOf(member: number): number {
    return this.memberVectors[placeOfMember(this.members, member)]!;
  }

  /** Returns the number of the column with the values of a member. The block must contain the member. */
  columnOf(member: number): number {
    return this.vectorCount + placeOfMember(this.members, member);
  }

  columnStart(column: number): number {
    return column === 0 ? 0 : this.columnEnds[column - 1]!;
  }

  damaged(damage: string): DamagedBlockError {
    return new DamagedBlockError(`Block ${this.block.id} of bucket ${this.block.bucket}`, damage);
  }

  private readColumn(directory: Uint8Array, at: number, endBytes: number, column: number): void {
    const end = unsigned(directory, at, endBytes);
    if (end < this.columnStart(column)) throw this.damaged(`its column ${column} ends before it begins`);
    this.columnEnds[column] = end;
    this.columnChecksums[column] = unsigned(directory, at + endBytes, CHECKSUM_BYTES);
  }

  private countUses(memberCount: number): void {
    const { vectorUses, vectorBases } = this;
    vectorUses.fill(0, 0, this.vectorCount);
    for (let place = 0; place < memberCount; place++) vectorUses[this.memberVectors[place]!]!++;
    for (let vector = 0; vector < this.vectorCount; vector++) {
      if (vectorBases[vector] !== vector) vectorUses[vectorBases[vector]!]!++;
    }
  }

  private checkVector(vector: number): void {
    const base = this.vectorBases[vector]!;
    const isPossible =
      this.vectorCounts[vector]! > 0 &&
      this.vectorFirsts[vector]! <= this.vectorLasts[vector]! &&
      base < this.vectorCount &&
      // A base that is itself a part of another vector could lead to an endless loop.
      this.vectorBases[base] === base &&
      this.vectorCounts[base]! >= this.vectorCounts[vector]!;
    if (!isPossible) throw this.damaged(`its vector of times ${vector} is not possible`);
  }
}

function unsigned(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let index = at; index < at + width; index++) value = value * 256 + bytes[index]!;
  return value;
}
