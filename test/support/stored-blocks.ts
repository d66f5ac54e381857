import type pg from 'pg';
import type { EncodedBlock } from '../../src/sample-store/archive/block/block-bytes.js';
import { BlockDecoder } from '../../src/sample-store/archive/block/block-decoder.js';
import type { BlockSet } from '../../src/sample-store/archive/chunk/chunk-partitions.js';
import type { MemberSet } from '../../src/sample-store/archive/block/member-set.js';

/** Returns a set of members as the text of a `bigint`. */
export function membersText({ high, low }: MemberSet): string {
  return String(BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)));
}

/** Stores a block, and creates a partition for it that takes all times. */
export async function insertBlock(
  client: pg.Client,
  table: BlockSet,
  bucket: number,
  block: EncodedBlock,
): Promise<void> {
  await client.query(`CREATE TABLE IF NOT EXISTS ${table}_all PARTITION OF ${table} DEFAULT`);
  const decoder = new BlockDecoder();
  decoder.open({ bucket, id: 0, ...block, packed: [] });
  const counts = Array.from({ length: 64 }, (_, member) => decoder.sampleCount(member));
  const sums = (doubles: Float64Array | null) => (doubles === null ? null : [...doubles]);
  await client.query(
    `INSERT INTO ${table} (start_at, end_at, members, falls, bucket, sample_count, directory, packed, delta_sums, delta_sum_lows)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      new Date(block.startAt),
      new Date(block.endAt),
      membersText(block.members),
      membersText(block.falls),
      bucket,
      counts.reduce((sum, count) => sum + count),
      Buffer.from(block.directory),
      Buffer.from(block.packed),
      sums(block.deltaSums),
      sums(block.deltaSumLows),
    ],
  );
}
