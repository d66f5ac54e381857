import { Injectable } from '@nestjs/common';
import type { QueryRunner } from 'typeorm';
import { SERIES_KIND, type SeriesKind } from '../../catalog/series/series-kind.js';
import { encodeFloat8Array, encodeInt4Array } from '../../database/binary/packed-array.js';
import { DatabaseSchema } from '../../database/schema/database-schema.js';
import type { TrimmedRange } from '../archive/block/block-trimmer.js';

/** The stored totals of a series that a correction may change. */
export interface CorrectableTotals {
  readonly id: number;
  readonly kind: SeriesKind;
  readonly total: number;
  readonly total_low: number;
  /** Whether the last compacted sample is one of those that were deleted. */
  readonly loses_last: boolean;
}

/** New totals of a series. */
export interface CorrectedTotals {
  readonly id: number;
  readonly total: number;
  readonly totalLow: number;
  /** The last compacted sample that is left, null if there is none, and undefined if it has not changed. */
  readonly last: { readonly at: number; readonly value: number } | null | undefined;
}

/** Reads and writes the totals that a correction changes. */
@Injectable()
export class CorrectedTotalsRepository {
  constructor(private readonly schema: DatabaseSchema) {}

  /**
   * Reads and locks the totals of series that have lost compacted samples. Other series keep their totals, even if their last
   * compacted sample has a time in the range: retention has then dropped it, and the correction has not counted it.
   */
  find(transaction: QueryRunner, seriesIds: Int32Array, { from, to }: TrimmedRange): Promise<CorrectableTotals[]> {
    return transaction.query(
      `SELECT series.id, ${SERIES_KIND} AS kind, series.total, series.total_low,
              coalesce(series.last_at >= $2::timestamptz AND series.last_at < $3::timestamptz, false) AS loses_last
       FROM ${this.schema}.series JOIN ${this.schema}.metric ON metric.id = series.metric_id
       WHERE series.id = ANY($1::int4[]) AND series.deleted_at IS NULL
       ORDER BY series.id FOR NO KEY UPDATE OF series`,
      [encodeInt4Array(seriesIds), new Date(from), new Date(to)],
    );
  }

  /**
   * Writes new totals. Blocks do not store arrival times, so the new last sample gets the earliest possible one. It then sorts
   * before samples of the same time that are still in the log, which is right, because compacted samples arrived earlier.
   */
  async update(transaction: QueryRunner, totals: readonly CorrectedTotals[]): Promise<void> {
    if (totals.length === 0) return;
    await transaction.query(
      `UPDATE ${this.schema}.series SET
         total = new.total, total_low = new.total_low,
         last_value = CASE new.change WHEN 0 THEN series.last_value WHEN 1 THEN new.last_value END,
         last_at = CASE new.change WHEN 0 THEN series.last_at WHEN 1
                     THEN 'epoch'::timestamptz + new.last_ms * interval '1 millisecond' END,
         last_received_at = CASE new.change WHEN 0 THEN series.last_received_at WHEN 1 THEN 'epoch'::timestamptz END,
         last_writer_id = CASE new.change WHEN 0 THEN series.last_writer_id WHEN 1 THEN 0 END,
         last_sequence = CASE new.change WHEN 0 THEN series.last_sequence WHEN 1 THEN 0 END
       FROM unnest($1::int4[], $2::float8[], $3::float8[], $4::int4[], $5::float8[], $6::float8[])
         AS new (id, total, total_low, change, last_value, last_ms)
       WHERE series.id = new.id`,
      [
        encodeInt4Array(Int32Array.from(totals, ({ id }) => id)),
        encodeFloat8Array(Float64Array.from(totals, ({ total }) => total)),
        encodeFloat8Array(Float64Array.from(totals, ({ totalLow }) => totalLow)),
        encodeInt4Array(Int32Array.from(totals, ({ last }) => (last === undefined ? 0 : last === null ? 2 : 1))),
        encodeFloat8Array(Float64Array.from(totals, ({ last }) => last?.value ?? 0)),
        encodeFloat8Array(Float64Array.from(totals, ({ last }) => last?.at ?? 0)),
      ],
    );
  }
}
