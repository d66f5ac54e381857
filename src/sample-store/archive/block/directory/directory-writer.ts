import { CHECKSUM_BYTES, FORMAT_VERSION, HAS_BASES, HEADER_BYTES, VECTOR_BYTES } from '../format.js';
import type { MemberSet } from '../member-set.js';
import { directoryChecksum } from './directory-checksum.js';

/** The end of a column of `packed`, and the checksum of its bytes. */
export interface WrittenColumn {
  readonly end: number;
  readonly checksum: number;
}

/** A vector of times in the directory. */
export interface VectorEntry {
  /** The number of the base: another vector that has all times of this one, or the vector itself. */
  readonly base: number;
  readonly count: number;
  /** The first and the last time, in milliseconds since the epoch. */
  readonly firstAt: number;
  readonly lastAt: number;
  readonly column: WrittenColumn;
}

/** A member in the directory. */
export interface MemberEntry {
  /** The number of its vector of times. */
  readonly vector: number;
  readonly column: WrittenColumn;
}

/**
 * Returns the bytes of a directory.
 *
 * @param startAt the start of the block, in milliseconds since the epoch
 * @param entries the entries of the members in ascending order; there must be at least one
 */
export function writeDirectory(
  members: MemberSet,
  startAt: number,
  vectors: readonly VectorEntry[],
  entries: readonly MemberEntry[],
): Uint8Array {
  const hasBases = vectors.some(({ base }, number) => base !== number);
  const endBytes = Math.max(1, Math.ceil(Math.log2(entries.at(-1)!.column.end + 1) / 8));
  const columnBytes = endBytes + CHECKSUM_BYTES;
  const bytes =
    HEADER_BYTES +
    vectors.length * ((hasBases ? 1 : 0) + VECTOR_BYTES + columnBytes) +
    entries.length * ((vectors.length > 1 ? 1 : 0) + columnBytes) +
    CHECKSUM_BYTES;
  const fields = new DirectoryFields(bytes, endBytes);
  fields.write((FORMAT_VERSION << 4) | (hasBases ? HAS_BASES : 0) | (endBytes - 1), 1);
  fields.write(vectors.length, 1);
  for (const { base, count, firstAt, lastAt, column } of vectors) {
    if (hasBases) fields.write(base, 1);
    fields.write(count, 2);
    fields.write(firstAt - startAt, 4);
    fields.write(lastAt - startAt, 4);
    fields.writeColumn(column);
  }
  for (const { vector, column } of entries) {
    if (vectors.length > 1) fields.write(vector, 1);
    fields.writeColumn(column);
  }
  fields.write(directoryChecksum(members, fields.bytes), CHECKSUM_BYTES);
  return fields.bytes;
}

/** Writes the fields of a directory one after the other, the most significant byte first. */
class DirectoryFields {
  readonly bytes: Uint8Array;
  private at = 0;

  constructor(
    length: number,
    private readonly endBytes: number,
  ) {
    this.bytes = new Uint8Array(length);
  }

  write(value: number, width: number): void {
    for (let byte = width - 1; byte >= 0; byte--) this.bytes[this.at++] = value / 2 ** (8 * byte);
  }

  writeColumn({ end, checksum }: WrittenColumn): void {
    this.write(end, this.endBytes);
    this.write(checksum, CHECKSUM_BYTES);
  }
}
