import pg from 'pg';

/**
 * Accesses the database like a process of the version that stores chunks. Such a process reads only chunks and the log, and
 * checks before each answer that the database is the one that it knows.
 */
export class OlderProcess {
  /** True once the database has refused to let this process read it. */
  isRefused = false;
  private sequence = 0;

  private constructor(
    private readonly reading: pg.Client,
    private readonly writing: pg.Client,
    private readonly id: number,
    private readonly startedAt: number,
  ) {}

  static async start(url: string): Promise<OlderProcess> {
    const reading = new pg.Client({ connectionString: url });
    const writing = new pg.Client({ connectionString: url });
    await Promise.all([reading.connect(), writing.connect()]);
    const { rows } = await writing.query<{ id: number; started: number }>(
      `INSERT INTO sample_writer DEFAULT VALUES RETURNING id, date_part('epoch', started_at) * 1000 AS started`,
    );
    return new OlderProcess(reading, writing, rows[0]!.id, rows[0]!.started);
  }

  /** Appends samples with the value 1 to the log. */
  async append(seriesIds: readonly number[], times: readonly number[]): Promise<void> {
    await this.writing.query(
      `SELECT custom_metrics_append(NULL, NULL, NULL, $1, $2, $3, to_timestamp($4::float8 / 1000), to_timestamp($5::float8 / 1000),
                                    $6, $7, $8)`,
      [
        this.startedAt,
        this.id,
        ++this.sequence,
        Math.min(...times),
        Math.max(...times),
        seriesIds,
        times,
        times.map(() => 1),
      ],
    );
  }

  /** Counts all samples in one snapshot, or returns undefined if the database refuses. */
  async countSamples(): Promise<number | undefined> {
    await this.reading.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    try {
      const { rows: known } = await this.reading.query<{ is_known: boolean }>(
        'SELECT custom_metrics_has_landmarks(ARRAY[NULL, NULL, NULL, NULL, NULL, NULL, $1::float8, $2]) AS is_known',
        [this.id, this.startedAt],
      );
      if (!known[0]!.is_known) {
        this.isRefused = true;
        return undefined;
      }
      const { rows } = await this.reading.query<{ n: string }>(
        `SELECT (SELECT coalesce(sum(cardinality("values")), 0) FROM sample_chunk)
              + (SELECT coalesce(sum(cardinality("values")), 0) FROM sample_batch) AS n`,
      );
      return Number(rows[0]!.n);
    } finally {
      await this.reading.query('COMMIT');
    }
  }

  /** Makes the last heartbeat so old that the process counts as ended. */
  async stopHeartbeat(): Promise<void> {
    await this.writing.query(`UPDATE sample_writer SET alive_at = now() - interval '10 minutes' WHERE id = $1`, [
      this.id,
    ]);
  }

  async end(): Promise<void> {
    await Promise.all([this.reading.end(), this.writing.end()]);
  }
}
