import { Injectable } from '@nestjs/common';
import type { QueryRunner } from 'typeorm';
import {
  decodeInt4Array,
  decodeInt8Array,
  encodeInt4Array,
  encodeInt8Array,
} from '../../database/binary/packed-array.js';
import { DatabaseSchema } from '../../database/schema/database-schema.js';
import type { TrimmedRange } from '../archive/block/block-trimmer.js';

/** The samples of the log that a correction takes away. */
export interface LoggedSamples {
  /** The keys of the rows that have such samples. */
  readonly rows: { readonly writerIds: Int32Array; readonly sequences: Float64Array };
  /** The ids of the series with such samples, and for each the number of samples and whether one of them is above 0. */
  readonly series: { readonly ids: Int32Array; readonly counts: Int32Array; readonly areAbove: Int32Array };
}

type PackedSamples = Record<'writer_ids' | 'sequences' | 'ids' | 'counts' | 'are_above', Buffer>;

const RECEIVED_MS = `(extract(epoch FROM batch.received_at) * 1000)::int8`;
const AT_MS = `coalesce(packed.at_ms, ${RECEIVED_MS})`;
const IN_RANGE = `${AT_MS} >= $2::int8 AND ${AT_MS} < $3::int8`;
// A join is used because Postgres would search an array of ids again for each sample.
const WANTED = `wanted AS MATERIALIZED (SELECT unnest($1::int4[]) AS id)`;
const SAMPLES = `unnest(batch.series_ids, batch.timestamps, batch."values") WITH ORDINALITY AS packed (id, at_ms, value, place)`;

/**
 * Takes samples out of rows of the log, and notes which samples must be left out of rows that have left the log and wait to be
 * forwarded. All of this happens in Postgres, because the log may have millions of samples.
 */
@Injectable()
export class CorrectedLogRepository {
  constructor(private readonly schema: DatabaseSchema) {}

  /** Finds the samples of some series in a range, in one snapshot. */
  async find(transaction: QueryRunner, seriesIds: Int32Array, { from, to }: TrimmedRange): Promise<LoggedSamples> {
    const [found]: [PackedSamples] = await transaction.query(
      `WITH ${WANTED}, removed AS MATERIALIZED (
         SELECT batch.writer_id, batch.sequence, packed.id, packed.value
         FROM ${this.schema}.sample_batch AS batch CROSS JOIN LATERAL ${SAMPLES} JOIN wanted ON wanted.id = packed.id
         WHERE coalesce(batch.latest_at, batch.received_at) >= to_timestamp($2::int8 / 1000.0)
           AND coalesce(batch.earliest_at, batch.received_at) < to_timestamp($3::int8 / 1000.0) AND ${IN_RANGE}
       ), changed AS (
         SELECT DISTINCT writer_id, sequence FROM removed
       ), counted AS (
         SELECT id, count(*)::int4 AS count, bool_or(value > 0 AND value <> 'NaN')::int4 AS is_above FROM removed GROUP BY id
       )
       SELECT rows.*, series.*
       FROM (SELECT array_send(coalesce(array_agg(writer_id), '{}')) AS writer_ids,
                    array_send(coalesce(array_agg(sequence), '{}')) AS sequences FROM changed) AS rows,
            (SELECT array_send(coalesce(array_agg(id), '{}')) AS ids, array_send(coalesce(array_agg(count), '{}')) AS counts,
                    array_send(coalesce(array_agg(is_above), '{}')) AS are_above FROM counted) AS series`,
      [encodeInt4Array(seriesIds), from, to],
    );
    return {
      rows: { writerIds: decodeInt4Array(found.writer_ids), sequences: decodeInt8Array(found.sequences) },
      series: {
        ids: decodeInt4Array(found.ids),
        counts: decodeInt4Array(found.counts),
        areAbove: decodeInt4Array(found.are_above),
      },
    };
  }

  /**
   * Rewrites rows without the samples. A row keeps its key and its time of arrival. An emptied row has empty timestamps, so that
   * it is not mistaken for the row of a commit that was given up.
   */
  async remove(
    transaction: QueryRunner,
    seriesIds: Int32Array,
    { from, to }: TrimmedRange,
    { writerIds, sequences }: LoggedSamples['rows'],
  ): Promise<void> {
    if (writerIds.length === 0) return;
    await transaction.query(
      `WITH ${WANTED}
       UPDATE ${this.schema}.sample_batch AS old SET
         series_ids = coalesce(new.ids, '{}'), "values" = coalesce(new.values, '{}'),
         timestamps = CASE WHEN new.ids IS NULL THEN '{}' WHEN old.timestamps IS NULL THEN NULL ELSE new.times END,
         earliest_at = CASE WHEN old.timestamps IS NULL THEN NULL
                         ELSE 'epoch'::timestamptz + new.earliest_ms * interval '1 millisecond' END,
         latest_at = CASE WHEN old.timestamps IS NULL THEN NULL
                       ELSE 'epoch'::timestamptz + new.latest_ms * interval '1 millisecond' END
       FROM (
         SELECT batch.writer_id, batch.sequence, kept.*
         FROM unnest($4::int4[], $5::int8[]) AS changed (writer_id, sequence)
         JOIN ${this.schema}.sample_batch AS batch USING (writer_id, sequence)
         CROSS JOIN LATERAL (
           SELECT array_agg(packed.id ORDER BY packed.place) AS ids, array_agg(packed.at_ms ORDER BY packed.place) AS times,
                  array_agg(packed.value ORDER BY packed.place) AS values,
                  min(packed.at_ms) AS earliest_ms, max(packed.at_ms) AS latest_ms
           FROM ${SAMPLES} LEFT JOIN wanted ON wanted.id = packed.id
           WHERE wanted.id IS NULL OR NOT (${IN_RANGE})
         ) AS kept
       ) AS new
       WHERE old.writer_id = new.writer_id AND old.sequence = new.sequence`,
      [encodeInt4Array(seriesIds), from, to, encodeInt4Array(writerIds), encodeInt8Array(sequences)],
    );
  }

  /**
   * Notes which samples must not be forwarded. The waiting rows stay unchanged, because there may be gigabytes of them. For each
   * writer with waiting rows, the sequence number of the newest one is noted, because the correction does not apply to later
   * rows. No row can start to wait in the meantime, because the archive is locked.
   */
  async noteWaiting(
    transaction: QueryRunner,
    correctionId: string,
    seriesIds: Int32Array,
    { from, to }: TrimmedRange,
  ): Promise<void> {
    const { schema } = this;
    // Each writer is found by one search in the primary key, instead of reading the keys of all rows.
    await transaction.query(
      `WITH RECURSIVE writer (id) AS (
         SELECT min(writer_id) FROM ${schema}.forwarding_row
         UNION ALL
         SELECT (SELECT min(writer_id) FROM ${schema}.forwarding_row WHERE writer_id > writer.id)
         FROM writer WHERE writer.id IS NOT NULL
       )
       INSERT INTO ${schema}.forwarding_correction (correction_id, series_ids, from_ms, to_ms, writers, sequences)
       SELECT $1::bigint, $2::int[], $3::bigint, $4::bigint, array_agg(id),
              array_agg((SELECT max(sequence) FROM ${schema}.forwarding_row WHERE writer_id = writer.id))
       FROM writer WHERE id IS NOT NULL HAVING count(*) > 0`,
      [correctionId, encodeInt4Array(seriesIds), from, to],
    );
  }
}
