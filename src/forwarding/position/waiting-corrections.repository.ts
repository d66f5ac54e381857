import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { decodeInt4Array } from '../../database/binary/packed-array.js';
import { CUSTOM_METRICS_DATA_SOURCE } from '../../database/data-source.token.js';
import { KnownDatabase } from '../../database/known-database.js';
import { DatabaseSchema } from '../../database/schema/database-schema.js';
import type { WaitingCorrection } from './corrected-rows.js';

interface CorrectionRow {
  readonly series_ids: Buffer;
  readonly from_ms: string;
  readonly to_ms: string;
  readonly writers: number[];
  readonly sequences: string[];
}

/** Reads the corrections that were made while rows waited for the target. */
@Injectable()
export class WaitingCorrectionsRepository {
  constructor(
    @Inject(CUSTOM_METRICS_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly known: KnownDatabase,
    private readonly schema: DatabaseSchema,
  ) {}

  async find(): Promise<WaitingCorrection[]> {
    const rows: CorrectionRow[] = await this.dataSource.query(
      `SELECT array_send(series_ids) AS series_ids, from_ms, to_ms, writers, sequences
       FROM ${this.schema}.forwarding_correction WHERE ${this.known.condition(1)} ORDER BY correction_id`,
      [...this.known.values],
    );
    return rows.map(({ series_ids, from_ms, to_ms, writers, sequences }) => ({
      seriesIds: new Set(decodeInt4Array(series_ids)),
      from: Number(from_ms),
      to: Number(to_ms),
      until: new Map(writers.map((writer, index) => [writer, Number(sequences[index])])),
    }));
  }

  /** Deletes the corrections whose rows have all been forwarded. */
  async deletePassed(): Promise<void> {
    await this.dataSource.query(
      `DELETE FROM ${this.schema}.forwarding_correction AS correction
       WHERE ${this.known.condition(1)} AND NOT EXISTS (
         SELECT FROM unnest(correction.writers, correction.sequences) AS last (writer_id, sequence)
         LEFT JOIN ${this.schema}.forwarding_position AS reached ON reached.writer_id = last.writer_id
         WHERE coalesce(reached.sequence, 0) < last.sequence
       )`,
      [...this.known.values],
    );
  }
}
