import { Injectable } from '@nestjs/common';
import type { EntityManager, QueryRunner } from 'typeorm';
import { encodeFloat8Array } from '../../../database/binary/packed-array.js';
import { DatabaseSchema } from '../../../database/schema/database-schema.js';
import type { SplicedBlock } from '../block/block-splicer.js';
import type { MemberSet } from '../block/member-set.js';
import type { UnmergedBlockSet } from '../chunk/chunk-partitions.js';
import type { BlockRow } from './block-row.js';

/** The columns of a stored block that change. Its end never changes, because it decides the partition. */
export type ChangedBlock = SplicedBlock & { readonly startAt: number };

/** Replaces the content of fresh and waiting blocks. The content of merged blocks never changes; see `MergeTurn.change`. */
@Injectable()
export class ChangedBlocksRepository {
  constructor(private readonly schema: DatabaseSchema) {}

  /**
   * Changes a row that the transaction has locked.
   *
   * @param changed null to delete the row
   */
  async replace(
    transaction: EntityManager | QueryRunner,
    table: UnmergedBlockSet,
    block: Pick<BlockRow, 'bucket' | 'endAt' | 'id'>,
    changed: ChangedBlock | null,
  ): Promise<void> {
    const key = [block.bucket, new Date(block.endAt), block.id];
    if (changed === null) {
      await transaction.query(`DELETE FROM ${this.schema}.${table} WHERE bucket = $1 AND end_at = $2 AND id = $3`, key);
      return;
    }
    await transaction.query(
      `UPDATE ${this.schema}.${table} SET members = $4::int8, falls = $5::int8, sample_count = $6, directory = $7,
         packed = $8, delta_sums = $9::float8[], delta_sum_lows = $10::float8[], start_at = $11
       WHERE bucket = $1 AND end_at = $2 AND id = $3`,
      [...key, ...columnsOf(changed)],
    );
  }
}

function columnsOf(block: ChangedBlock): unknown[] {
  return [
    textOf(block.members),
    textOf(block.falls),
    block.sampleCount,
    Buffer.from(block.directory),
    Buffer.from(block.packed),
    block.deltaSums && encodeFloat8Array(block.deltaSums),
    block.deltaSumLows && encodeFloat8Array(block.deltaSumLows),
    new Date(block.startAt),
  ];
}

/** Returns a set as the decimal text of a signed 64-bit integer. */
function textOf({ high, low }: MemberSet): string {
  return String(BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)));
}
