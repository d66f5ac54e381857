import { Injectable } from '@nestjs/common';
import { SERIES_KIND } from '../../catalog/series/series-kind.js';
import { encodeByteaArray } from '../../database/binary/bytea-array.js';
import { decodeFloat8Array, decodeInt4Array, encodeInt4Array } from '../../database/binary/packed-array.js';
import { DatabaseSchema } from '../../database/schema/database-schema.js';
import type { ArchiveTransaction } from '../../sample-store/archive/archive.repository.js';
import { decodeLogRow, type LogRow, logRowColumns, type PackedLogRow } from '../../sample-store/log/log-row.js';
import { RunnerStatements } from '../../sample-store/reading/runner-statements.repository.js';
import { rowsOf } from '../../sample-store/reading/statements.js';
import type { PackedBucket } from './forwarding.repository.js';
import { type Lease, LostLeaseError } from './lease.js';

const SERIES_PER_PAGE = 20_000;
const BUCKETS_PER_PAGE = 2_000;
const BYTES_PER_FETCH = 4_000_000;

/** The stored totals of series that are pushed as changes, as parallel arrays. */
export interface DeltaTotals {
  readonly ids: Int32Array;
  readonly highs: Float64Array;
  readonly lows: Float64Array;
  /** The value is 1 if a sample of the series has left the log. */
  readonly haveSamples: Int32Array;
}

/** Computes the totals at the position from the store. All methods run in a transaction that excludes the compaction. */
@Injectable()
export class TotalsStartRepository {
  constructor(private readonly schema: DatabaseSchema) {}

  /** Returns whether rows that have left the log wait for the target. Their samples are in the totals of the store. */
  async hasKeptRows(transaction: ArchiveTransaction): Promise<boolean> {
    const rows: unknown[] = await transaction.query(
      `SELECT 1 FROM ${this.schema}.forwarding_row AS kept
       LEFT JOIN ${this.schema}.forwarding_position AS reached ON reached.writer_id = kept.writer_id
       WHERE kept.sequence > coalesce(reached.sequence, 0) LIMIT 1`,
    );
    return rows.length > 0;
  }

  /** Deletes the stored state of the forwarding, and sets the positions to the end of the log. */
  async startPositions(transaction: ArchiveTransaction): Promise<void> {
    for (const table of ['forwarding_row', 'forwarding_position', 'forwarding_total', 'forwarding_correction']) {
      await transaction.query(`DELETE FROM ${this.schema}.${table}`);
    }
    await transaction.query(
      `INSERT INTO ${this.schema}.forwarding_position (writer_id, sequence)
       SELECT writer_id, max(sequence) FROM ${this.schema}.sample_batch GROUP BY writer_id`,
    );
  }

  /** Reads the totals of all series that are pushed as changes, in pages. */
  async *deltaTotals(transaction: ArchiveTransaction): AsyncGenerator<DeltaTotals> {
    for (let afterId = 0; ;) {
      const [page]: [Record<'ids' | 'highs' | 'lows' | 'have_samples', Buffer>] = await transaction.query(
        `SELECT array_send(coalesce(array_agg(id), '{}')) AS ids, array_send(coalesce(array_agg(total), '{}')) AS highs,
                array_send(coalesce(array_agg(total_low), '{}')) AS lows,
                array_send(coalesce(array_agg((last_at IS NOT NULL)::int), '{}')) AS have_samples
         FROM (
           SELECT series.id, total, total_low, last_at
           FROM ${this.schema}.series JOIN ${this.schema}.metric ON metric.id = series.metric_id
           WHERE series.id > $1 AND series.deleted_at IS NULL AND ${SERIES_KIND} = 'delta'
           ORDER BY series.id LIMIT ${SERIES_PER_PAGE}
         ) AS page`,
        [afterId],
      );
      const ids = decodeInt4Array(page.ids);
      if (ids.length === 0) return;
      yield {
        ids,
        highs: decodeFloat8Array(page.highs),
        lows: decodeFloat8Array(page.lows),
        haveSamples: decodeInt4Array(page.have_samples),
      };
      afterId = ids.at(-1)!;
    }
  }

  /** Reads the rows of the log that have been forwarded, in pages. */
  async *forwardedRows(transaction: ArchiveTransaction): AsyncGenerator<LogRow[]> {
    const pages = new RunnerStatements(transaction).pages(
      `SELECT ${logRowColumns('batch')}
       FROM ${this.schema}.sample_batch AS batch
       JOIN ${this.schema}.forwarding_position AS reached
         ON reached.writer_id = batch.writer_id AND batch.sequence <= reached.sequence`,
      [],
      BYTES_PER_FETCH,
    );
    for await (const page of pages) yield rowsOf<PackedLogRow>(page).map(decodeLogRow);
  }

  /** Reads the totals that were last forwarded, in pages. */
  async *storedBuckets(transaction: ArchiveTransaction): AsyncGenerator<PackedBucket[]> {
    for (let after = -1; ;) {
      const page: PackedBucket[] = await transaction.query(
        `SELECT bucket, packed FROM ${this.schema}.forwarding_total WHERE bucket > $1 ORDER BY bucket LIMIT ${BUCKETS_PER_PAGE}`,
        [after],
      );
      if (page.length === 0) return;
      yield page;
      after = page.at(-1)!.bucket;
    }
  }

  async store(transaction: ArchiveTransaction, buckets: readonly PackedBucket[]): Promise<void> {
    for (let from = 0; from < buckets.length; from += BUCKETS_PER_PAGE) {
      const page = buckets.slice(from, from + BUCKETS_PER_PAGE);
      await transaction.query(
        `INSERT INTO ${this.schema}.forwarding_total (bucket, packed) SELECT * FROM unnest($1::int[], $2::bytea[])
         ON CONFLICT (bucket) DO UPDATE SET packed = excluded.packed`,
        [
          encodeInt4Array(Int32Array.from(page, ({ bucket }) => bucket)),
          encodeByteaArray(page.map(({ packed }) => packed)),
        ],
      );
    }
  }

  /**
   * Notes that the totals contain all corrections, which can't run during this transaction. The lease is checked last, so that
   * nothing is stored if another process has changed position or totals in the meantime.
   *
   * @throws LostLeaseError
   */
  async finish(transaction: ArchiveTransaction, { holder, term }: Lease): Promise<void> {
    const [, updated]: [unknown, number] = await transaction.query(
      `UPDATE ${this.schema}.forwarding SET is_started = true, has_gap = false,
              correction_id = (SELECT coalesce(max(id), 0) FROM ${this.schema}.correction)
       WHERE holder = $1 AND term = $2`,
      [holder, term],
    );
    if (updated === 0) throw new LostLeaseError();
  }
}
